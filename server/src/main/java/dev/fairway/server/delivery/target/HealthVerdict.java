package dev.fairway.server.delivery.target;

/// Whether an instance may have traffic.
public sealed interface HealthVerdict {
  /// It is healthy.
  record Healthy(Instance instance) implements HealthVerdict {}

  /// It will not be.
  ///
  /// @param reason what went wrong, with the end of the log
  record Failed(Instance instance, String reason) implements HealthVerdict {}

  /// The time to wait was over; ask again.
  record Pending(Instance instance) implements HealthVerdict {}
}
