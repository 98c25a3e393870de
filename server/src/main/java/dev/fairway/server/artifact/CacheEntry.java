package dev.fairway.server.artifact;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Bytes that a job keeps for later ones.
///
/// @param number by which the official clients know it
/// @param scope the ref at which the job ran, in full
/// @param version a hash of what is in it, made by the client; entries of another are not found
/// @param digest null while a job uploads it
public record CacheEntry(
    UUID id,
    long number,
    UUID projectId,
    UUID jobId,
    String scope,
    String key,
    String version,
    @Nullable String digest,
    long size,
    Instant createdAt,
    Instant lastUsedAt) {}
