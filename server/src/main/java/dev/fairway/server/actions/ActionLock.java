package dev.fairway.server.actions;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a tag or branch stood for when a job first used it, or a commit that was found on one.
///
/// @param repository in small letters
/// @param kind `tag`, `branch` or `commit`
/// @param location where it was found
/// @param lockedBy which run used it first
/// @param movedTo where the tag or branch stands now; null while it stands where it stood
public record ActionLock(
    String repository,
    String ref,
    String kind,
    String sha,
    String location,
    Instant lockedAt,
    String lockedBy,
    Instant checkedAt,
    @Nullable String movedTo,
    @Nullable Instant movedAt) {
  static final String TAG = "tag";
  static final String BRANCH = "branch";
  static final String COMMIT = "commit";

  /// A tag is a promise that was broken; a branch is meant to move, and jobs stay where it was.
  public boolean broken() {
    return movedTo != null && kind.equals(TAG);
  }

  /// Such as `actions/foo@v1`.
  public String reference() {
    return repository + "@" + ref;
  }
}
