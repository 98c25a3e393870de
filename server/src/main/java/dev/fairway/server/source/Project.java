package dev.fairway.server.source;

import java.time.Instant;
import java.util.UUID;

/// A repository and what Fairway knows about it.
///
/// @param name one DNS label, unique
/// @param defaultBranch without `refs/heads/`; its history is never rewritten
/// @param createdBy the name of the person who made it
public record Project(
    UUID id,
    String name,
    String description,
    String defaultBranch,
    Instant createdAt,
    String createdBy) {

  /// The default branch as git names it.
  public String defaultRef() {
    return "refs/heads/" + defaultBranch;
  }

  /// Where git fetches from and pushes to.
  ///
  /// @param origin the server's address without a path
  public String cloneUrl(String origin) {
    return origin + "/git/" + name + ".git";
  }

  /// How entries of the ledger refer to it.
  public String reference() {
    return "project:" + id;
  }
}
