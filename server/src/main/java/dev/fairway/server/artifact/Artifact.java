package dev.fairway.server.artifact;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Named bytes that a job of a run uploaded: always one zip.
///
/// @param number by which jobs and the official clients know it
/// @param digest lower-case hexadecimal SHA-256 of the zip
/// @param size of the zip in bytes
/// @param entries files and folders in it
/// @param expiresAt when it goes; null where a release keeps it for ever
public record Artifact(
    UUID id,
    long number,
    UUID projectId,
    UUID runId,
    UUID jobId,
    String name,
    String digest,
    long size,
    int entries,
    Instant createdAt,
    @Nullable Instant expiresAt) {
  /// Whether its time has come; it may lie there until somebody tidies.
  boolean expired(Instant now) {
    return expiresAt != null && !expiresAt.isAfter(now);
  }

  /// Whether it stays as long as one that is uploaded to stay so long; for ever is as good.
  boolean keptFor(Duration retention) {
    return expiresAt == null || expiresAt.equals(createdAt.plus(retention));
  }
}
