package dev.fairway.api;

import java.util.List;

/// A stretch of a job's events; the first of them has the number `first`, counted from 0.
public record JobEvents(long fence, long first, List<JobEvent> events) {
  public JobEvents {
    events = List.copyOf(events);
  }

  /// @param next the number that the server expects next
  public record Reply(long next) {}
}
