package dev.fairway.server.source;

import dev.fairway.server.web.Ribbon;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a commit's page shows.
///
/// @param firstPush null where it is not known
/// @param files what the commit changed against its first parent; at most a page of them
/// @param moreFiles how many more there are, at least
/// @param changes the branches and tags that it was put at the head of
public record CommitView(
    Project project,
    CommitRecord commit,
    Ribbon ribbon,
    Changes.@Nullable FirstPush firstPush,
    FileChanges total,
    List<FileChange> files,
    int moreFiles,
    List<Change> changes) {
  public CommitView {
    files = List.copyOf(files);
    changes = List.copyOf(changes);
  }

  /// The message without its first line.
  public String body() {
    var end = commit.message().indexOf('\n');
    return end < 0 ? "" : commit.message().substring(end + 1).strip();
  }
}
