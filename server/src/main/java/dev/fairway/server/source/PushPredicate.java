package dev.fairway.server.source;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the ledger says about one branch or tag that a push moved.
///
/// @param push the push that moved it; null where no push is known, such as a change made in the
///   repository's folder itself
/// @param ref as git names it, such as `refs/heads/main`
/// @param before null where the ref was made
/// @param after null where it was deleted
/// @param commit the commit that `after` leads to (a tag may stand between); null where none does
/// @param defaultBranch whether it is the project's default branch
/// @param forced whether commits were taken away from the ref
/// @param recovered whether it was found after the server died in mid-push
/// @param commitCount commits that came to the ref
/// @param commits the newest of them, at most 100
public record PushPredicate(
    UUID project,
    String projectName,
    @Nullable UUID push,
    Pusher pusher,
    Instant receivedAt,
    String ref,
    @Nullable String before,
    @Nullable String after,
    @Nullable String commit,
    boolean defaultBranch,
    boolean forced,
    boolean recovered,
    int commitCount,
    List<Commit> commits) {

  /// @param id the user's id, or the id of the job that pushed with its token in that user's name;
  ///   null where no user is known
  public record Pusher(@Nullable UUID id, String name) {}

  /// A commit in short; its message is not part of the evidence, its sha covers it.
  public record Commit(
      String sha,
      List<String> parents,
      CommitRecord.Signature author,
      CommitRecord.Signature committer) {
    public Commit {
      parents = List.copyOf(parents);
    }

    static Commit of(CommitRecord commit) {
      return new Commit(commit.sha(), commit.parents(), commit.author(), commit.committer());
    }
  }

  public PushPredicate {
    commits = List.copyOf(commits);
  }
}
