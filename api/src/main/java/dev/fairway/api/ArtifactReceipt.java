package dev.fairway.api;

import org.jspecify.annotations.Nullable;

/// An artifact that the server holds.
///
/// @param id the number by which actions know it
/// @param name unique in its run
/// @param digest lower-case hexadecimal SHA-256 of the zip
/// @param size of the zip in bytes
/// @param url where people download it; null where nobody can, as after a run without a server
public record ArtifactReceipt(
    long id, String name, String digest, long size, @Nullable String url) {}
