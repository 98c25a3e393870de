package dev.fairway.cli;

/// Lengths of time for people.
final class Durations {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;

  private Durations() {}

  /// `0.4s`, `12.3s`, `3m 07s`, `1h 02m`.
  static String text(long millis) {
    if (millis < MINUTE) {
      var tenths = (millis + 50) / 100;
      return tenths / 10 + "." + tenths % 10 + "s";
    }
    return millis < HOUR
        ? millis / MINUTE + "m " + twoDigits(millis % MINUTE / 1000) + "s"
        : millis / HOUR + "h " + twoDigits(millis % HOUR / MINUTE) + "m";
  }

  private static String twoDigits(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
