package dev.fairway.server.delivery.target;

import java.time.Duration;

/// Every bound of the built-in target, by name.
final class TargetLimits {
  static final int ZIP_ENTRIES = 50_000;
  static final long ZIP_BYTES = 2L << 30;

  /// Of all files of a release together, unpacked.
  static final long RELEASE_BYTES = 4L << 30;

  static final int NAME_BYTES = 1_024;

  /// A log beyond this becomes `.log.1`, which replaces the one before.
  static final long LOG_BYTES = 8L << 20;

  /// Of the log's end, in the reason why an instance failed.
  static final int LOG_TAIL_BYTES = 2_048;

  /// Switches of a route that are remembered: enough to find the releases that an environment may
  /// ask to keep, with the same one coming back now and then.
  static final int HISTORY_ENTRIES = 200;

  /// A log of an instance that is gone is kept this long after its last line.
  static final Duration LOGS_KEPT = Duration.ofDays(30);

  /// A release unpacked this recently is kept though nothing refers to it yet.
  static final Duration UNREFERENCED_KEPT = Duration.ofHours(1);

  /// From SIGTERM to SIGKILL.
  static final Duration STOP_GRACE = Duration.ofSeconds(10);

  /// From SIGKILL to the complaint that a process does not go away.
  static final Duration KILL_GRACE = Duration.ofSeconds(5);

  static final Duration FIRST_BACK_OFF = Duration.ofMillis(250);
  static final Duration MAX_BACK_OFF = Duration.ofSeconds(30);

  /// An instance that was well for this long has its restarts forgiven.
  static final Duration STABLE = Duration.ofMinutes(1);

  /// Beside ephemeral ports, so that no outgoing connection takes one meanwhile.
  static final int FIRST_PORT = 20_000;

  static final int LAST_PORT = 29_999;

  private TargetLimits() {}
}
