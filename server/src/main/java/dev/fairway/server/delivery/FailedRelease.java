package dev.fairway.server.delivery;

import java.time.Instant;
import java.util.UUID;

/// A successful run of the default branch that made no release, although its commit has a
/// `service.yml`.
///
/// @param reason what is wrong; with file, line and column where it is the file
public record FailedRelease(
    UUID id,
    UUID projectId,
    String project,
    String version,
    UUID runId,
    long runNumber,
    String commit,
    String reason,
    Instant createdAt)
    implements ReleaseRecord {}
