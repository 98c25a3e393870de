package dev.fairway.server.delivery;

import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.source.SourceLimits;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Commits by what matters of them here: how many they are, and who made them.
///
/// @param shas the newest first, at most [SourceLimits#MAX_COMMITS]
/// @param authors by name, with those whom messages name as co-authors; who wrote last comes first
/// @param names of authors, co-authors and committers
/// @param emails of the same
record CommitRange(List<String> shas, List<String> authors, Set<String> names, Set<String> emails) {
  static final CommitRange NONE = new CommitRange(List.of(), List.of(), Set.of(), Set.of());

  CommitRange {
    shas = List.copyOf(shas);
    authors = List.copyOf(authors);
    names = Set.copyOf(names);
    emails = Set.copyOf(emails);
  }

  static CommitRange of(List<CommitRecord> commits) {
    var authors = new LinkedHashSet<String>();
    var names = new HashSet<String>();
    var emails = new HashSet<String>();
    for (var commit : commits) {
      authors.add(commit.author().name());
      emails.add(commit.author().email());
      for (var coAuthor : CoAuthor.in(commit.message())) {
        authors.add(coAuthor.name());
        emails.add(coAuthor.email());
      }
      names.add(commit.committer().name());
      emails.add(commit.committer().email());
    }
    names.addAll(authors);
    authors.removeIf(String::isBlank);
    return new CommitRange(
        commits.stream().map(CommitRecord::sha).toList(), List.copyOf(authors), names, emails);
  }

  int size() {
    return shas.size();
  }

  /// Whether there are more commits than were listed.
  boolean truncated() {
    return shas.size() >= SourceLimits.MAX_COMMITS;
  }
}
