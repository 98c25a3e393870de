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

  double days() {
    return Duration.between(from, to).toMillis() / (double) Duration.ofDays(1).toMillis();
  }
}
