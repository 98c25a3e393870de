package dev.fairway.server.delivery.target;

import java.nio.file.Path;

/// A release's files on this machine.
///
/// @param digest over the names and digests of its artifacts; names its folder
/// @param folder holds the files of all its artifacts; nobody may change it
public record UnpackedRelease(String digest, Path folder) {}
