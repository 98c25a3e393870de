package dev.fairway.api;

import java.time.Instant;

/// Keeps a lease alive.
public record Heartbeat(long fence) {
  /// @param cancel somebody asked for the job to end
  public record Reply(Instant leaseUntil, boolean cancel) {}
}
