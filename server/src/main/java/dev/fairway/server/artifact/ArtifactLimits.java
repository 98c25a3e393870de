package dev.fairway.server.artifact;

import dev.fairway.api.JobAssignment;
import dev.fairway.server.run.RunArtifacts;
import java.time.Duration;

/// How much of everything this package takes and keeps.
final class ArtifactLimits {
  /// Bytes of one artifact's zip.
  static final long MAX_ARTIFACT_BYTES = JobAssignment.Limits.DEFAULT.artifactBytes();

  /// Bytes of one artifact when it is unpacked.
  static final long MAX_UNPACKED_BYTES = 8L << 30;

  /// What may be unpacked without a look at the ratio.
  static final long FREE_UNPACKED_BYTES = 256L << 20;

  /// Unpacked bytes per byte of the zip, beyond that.
  static final int MAX_RATIO = 100;

  /// Files and folders of one artifact.
  static final int MAX_ENTRIES = 50_000;

  /// Bytes of an entry's name.
  static final int MAX_ENTRY_NAME_BYTES = 1_024;

  /// Artifacts of one run, those of earlier attempts included.
  static final int MAX_ARTIFACTS_PER_RUN = 500;

  /// How long an artifact stays that no release needs, unless its job asks for less.
  static final Duration RETENTION = RunArtifacts.RETENTION;

  /// Bytes of one cache.
  static final long MAX_CACHE_BYTES = 2L << 30;

  /// Bytes of all caches of a project; what was used longest ago gives way.
  static final long MAX_CACHE_BYTES_PER_PROJECT = 10L << 30;

  /// A cache that nobody used for so long goes.
  static final Duration CACHE_RETENTION = Duration.ofDays(14);

  /// So long a job has a key to itself while it uploads.
  static final Duration CACHE_RESERVATION = Duration.ofHours(1);

  /// Bytes that belong to nothing for so long were left by a crash; an upload takes far less.
  static final Duration ORPHAN_AGE = Duration.ofDays(1);

  /// How often artifacts are looked at that nobody needs any more.
  static final Duration RETENTION_PERIOD = Duration.ofHours(1);

  /// Artifacts that go in one transaction.
  static final int MAX_EXPIRED_AT_ONCE = 100;

  private ArtifactLimits() {}
}
