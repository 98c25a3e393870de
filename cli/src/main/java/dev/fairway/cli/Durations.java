package dev.fairway.cli;

import java.util.Locale;

/// Lengths of time for people.
final class Durations {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;

  private Durations() {}

  /// `0.4s`, `12.3s`, `3m 07s`, `1h 02m`.
  static String text(long millis) {
    if (millis < MINUTE) {
      return String.format(Locale.ROOT, "%.1fs", millis / 1000.0);
    }
    return millis < HOUR
        ? String.format(Locale.ROOT, "%dm %02ds", millis / MINUTE, millis % MINUTE / 1000)
        : String.format(Locale.ROOT, "%dh %02dm", millis / HOUR, millis % HOUR / MINUTE);
  }
}
