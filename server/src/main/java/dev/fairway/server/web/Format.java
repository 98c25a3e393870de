package dev.fairway.server.web;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Figures as people read them, the same on every page.
public final class Format {
  private static final int DIGEST_CHARS = 12;
  private static final int COMMIT_CHARS = 7;
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Format() {}

  /// `0.04 s`, `9.8 s`, `41 s`, `1 min 12 s`, `3 h 10 min`, `6 d`.
  public static String duration(Duration duration) {
    var millis = Math.max(0, duration.toMillis());
    if (millis < 1_000) {
      return String.format(Locale.ROOT, "%.2f s", millis / 1_000.0);
    }
    if (millis < 10_000) {
      return String.format(Locale.ROOT, "%.1f s", Math.floor(millis / 100.0) / 10);
    }
    var seconds = millis / 1_000;
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3_600) {
      return two(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
    }
    return two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
  }

  private static String two(long large, String largeUnit, long small, String smallUnit) {
    return small == 0
        ? large + " " + largeUnit
        : large + " " + largeUnit + " " + small + " " + smallUnit;
  }

  /// `812 B`, `18.4 MB`: decimal units.
  public static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    var units = new String[] {"kB", "MB", "GB", "TB", "PB"};
    double value = bytes;
    var unit = -1;
    do {
      value /= 1_000;
      unit++;
    } while (value >= 999.95 && unit < units.length - 1);
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  /// `1,204`.
  public static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /// `1 artifact`, `3 artifacts`; for words whose plural is an `s`.
  public static String count(long number, String word) {
    return number(number) + " " + word + (number == 1 ? "" : "s");
  }

  /// The first seven characters of a commit.
  public static String commit(String sha) {
    return sha.length() <= COMMIT_CHARS ? sha : sha.substring(0, COMMIT_CHARS);
  }

  /// `sha256:7be1c0…`, from the hexadecimal digest.
  public static String digest(String sha256) {
    return "sha256:"
        + (sha256.length() <= DIGEST_CHARS ? sha256 : sha256.substring(0, DIGEST_CHARS) + "…");
  }

  /// The exact instant in UTC, for where no browser puts it into the viewer's zone.
  public static String utc(Instant instant) {
    return UTC.format(instant);
  }
}
