package dev.fairway.agent;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where the caches of a project are.
public interface Caches extends AutoCloseable {
  /// A cache that is there.
  ///
  /// @param key its key, of which the one that was asked for may be the begin
  record Found(String key, URI place) {}

  /// The cache with that key, else the newest one whose key begins with one of the others, in their
  /// order.
  ///
  /// @param version of paths and compression; a cache is only found by the one that it was saved
  ///   with
  Optional<Found> find(String key, List<String> prefixes, String version)
      throws IOException, InterruptedException;

  /// Writes the cache to the new file.
  void download(Found found, Path file) throws IOException, InterruptedException;

  /// Saves the file; false where there is a cache with that key already.
  boolean save(String key, String version, Path file, long bytes)
      throws IOException, InterruptedException;

  @Override
  void close();
}
