package dev.fairway.server.insight;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/// The time that the metrics look at: from inclusive, to exclusive, with the zone whose days and
/// weeks count.
record Window(Instant from, Instant to, ZoneId zone) {
  Window {
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException("a window ends after it begins");
    }
  }

  boolean holds(Instant instant) {
    return !instant.isBefore(from) && instant.isBefore(to);
  }

  /// The days of it that have passed by then; all of them once it is over. Where it has not begun,
  /// a rate over its days is one over the whole.
  double daysUntil(Instant now) {
    var end = now.isAfter(from) && now.isBefore(to) ? now : to;
    return Duration.between(from, end).toMillis() / (double) Duration.ofDays(1).toMillis();
  }

  /// So many calendar days of that zone, the last of them the day of `now`.
  static Window lastDays(int days, ZoneId zone, Instant now) {
    var tomorrow = now.atZone(zone).toLocalDate().plusDays(1);
    return new Window(
        tomorrow.minusDays(days).atStartOfDay(zone).toInstant(),
        tomorrow.atStartOfDay(zone).toInstant(),
        zone);
  }
}
