package dev.fairway.server.db;

/// Is told when an instant is reached at which the death of the server has been thought through.
/// Each feature names its own in an enum `CrashPoint`; tests die there.
@FunctionalInterface
public interface CrashObserver {
  /// For production.
  CrashObserver NONE = _ -> {};

  void reached(Enum<?> point);
}
