package dev.fairway.server.artifact;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Named bytes that a job of a run uploaded: always one zip.
///
/// @param digest lower-case hexadecimal SHA-256 of the zip
/// @param size of the zip in bytes
/// @param entries files and folders in it
/// @param expiresAt when it goes; null where a release keeps it for ever
public record Artifact(
    UUID id,
    UUID projectId,
    UUID runId,
    UUID jobId,
    String name,
    String digest,
    long size,
    int entries,
    Instant createdAt,
    @Nullable Instant expiresAt) {}
