package dev.fairway.api;

import java.util.ArrayDeque;
import java.util.Deque;

/// Closes what it was given, last first, and all of it even where one fails. Belongs to one thread
/// at a time.
public final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /// Closes this with the rest.
  public <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  /// @throws IllegalStateException that carries every failure
  @Override
  public void close() {
    var failed = new IllegalStateException("could not be closed");
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failed.addSuppressed(e);
      }
    }
    if (failed.getSuppressed().length > 0) {
      throw failed;
    }
  }
}
