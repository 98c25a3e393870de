package dev.fairway.api;

/// An artifact that the server holds.
///
/// @param name unique in its run
/// @param digest lower-case hexadecimal SHA-256 of the zip
/// @param size of the zip in bytes
public record ArtifactReceipt(String name, String digest, long size) {}
