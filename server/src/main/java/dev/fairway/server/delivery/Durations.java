package dev.fairway.server.delivery;

import java.time.Duration;

/// Times as people write and read them.
final class Durations {
  private Durations() {}

  /// Such as `500ms`, `10s`, `1m 5s`, `2h 10m`, `3d 4h`: at most two units.
  static String text(Duration duration) {
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return duration.toMillis() + "ms";
    }
    if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
      var tenths = duration.toMillis() / 100;
      return tenths >= 100 || tenths % 10 == 0
          ? tenths / 10 + "s"
          : tenths / 10 + "." + tenths % 10 + "s";
    }
    if (duration.compareTo(Duration.ofHours(1)) < 0) {
      return pair(duration.toMinutes(), "m", duration.toSecondsPart(), "s");
    }
    if (duration.compareTo(Duration.ofDays(1)) < 0) {
      return pair(duration.toHours(), "h", duration.toMinutesPart(), "m");
    }
    return pair(duration.toDays(), "d", duration.toHoursPart(), "h");
  }

  private static String pair(long large, String largeUnit, long small, String smallUnit) {
    return small == 0 ? large + largeUnit : large + largeUnit + " " + small + smallUnit;
  }
}
