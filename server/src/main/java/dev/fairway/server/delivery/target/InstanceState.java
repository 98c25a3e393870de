package dev.fairway.server.delivery.target;

/// Where an instance is in its life.
///
/// ```
///  STARTING ──well──► HEALTHY ◄──► UNHEALTHY
///     │  ▲               └─exit─┬─────┘
///     │  └────────── BACKING_OFF
///     └─exit, or never well in time ──► FAILED                any ──stop──► STOPPED
/// ```
public enum InstanceState {
  /// Its process runs and has not yet answered well often enough.
  STARTING(false),
  /// It answers well: it may have traffic.
  HEALTHY(false),
  /// It was healthy and answers badly; it is watched on, not restarted.
  UNHEALTHY(false),
  /// Its process ended though it was healthy once; it starts again soon.
  BACKING_OFF(false),
  /// It never became healthy.
  FAILED(true),
  /// It was told to stop, and nothing of it runs.
  STOPPED(true);

  private final boolean terminal;

  InstanceState(boolean terminal) {
    this.terminal = terminal;
  }

  public boolean isTerminal() {
    return terminal;
  }
}
