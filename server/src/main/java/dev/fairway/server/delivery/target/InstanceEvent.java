package dev.fairway.server.delivery.target;

/// Something that happened to an instance without anybody having asked for it.
///
/// @param instance as it is after it
/// @param detail one sentence for people
public record InstanceEvent(Kind kind, Instance instance, String detail) {
  /// What happened.
  public enum Kind {
    /// It became healthy, for the first time or again.
    HEALTHY,
    /// It answers badly.
    UNHEALTHY,
    /// Its process ended by itself.
    EXITED,
    /// Its process was started again.
    RESTARTED,
    /// It never became healthy, or ended too often: it is not started again.
    FAILED
  }
}
