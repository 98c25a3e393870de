package dev.fairway.server.delivery;

import java.time.Instant;
import java.util.UUID;

/// What became of a run that should have made a release.
public sealed interface ReleaseRecord permits Release, FailedRelease {
  UUID id();

  UUID projectId();

  /// The project's name.
  String project();

  /// `1.RUN.0`, with the number of the run.
  String version();

  UUID runId();

  long runNumber();

  /// The commit that the run ran.
  String commit();

  Instant createdAt();

  /// The commit as people write it.
  default String shortCommit() {
    return commit().substring(0, Math.min(7, commit().length()));
  }

  /// Where its page is.
  default String path() {
    return "/releases/" + id();
  }

  /// How entries of the ledger refer to it.
  default String reference() {
    return "release:" + id();
  }
}
