package dev.fairway.server.source;

import java.time.Instant;
import java.util.List;

/// A commit as git has it.
///
/// @param message at most 64 Ki characters of it
public record CommitRecord(
    String sha, List<String> parents, Signature author, Signature committer, String message) {

  /// Who, and when by their own clock: git believes what it is told.
  public record Signature(String name, String email, Instant at) {}

  public CommitRecord {
    parents = List.copyOf(parents);
  }

  /// The first line of the message.
  public String title() {
    return message.lines().findFirst().orElse("");
  }

  /// As much of the sha as people read.
  public String shortSha() {
    return sha.substring(0, 7);
  }
}
