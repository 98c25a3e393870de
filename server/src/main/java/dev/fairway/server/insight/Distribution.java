package dev.fairway.server.insight;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/// How long something took: median, 75th and 95th percentile over `n` values, interpolated as SQL's
/// `PERCENTILE_CONT` does. Without values there are none of them.
record Distribution(
    long n, Optional<Duration> median, Optional<Duration> p75, Optional<Duration> p95) {

  static Distribution of(Collection<Duration> durations) {
    var sorted = durations.stream().mapToDouble(Duration::toMillis).sorted().toArray();
    return new Distribution(
        sorted.length,
        percentile(sorted, 0.5).map(Distribution::duration),
        percentile(sorted, 0.75).map(Distribution::duration),
        percentile(sorted, 0.95).map(Distribution::duration));
  }

  /// The value at that fraction of the sorted values, between two of them in proportion.
  static Optional<Double> percentile(double[] sorted, double fraction) {
    if (sorted.length == 0) {
      return Optional.empty();
    }
    var place = fraction * (sorted.length - 1);
    var below = (int) Math.floor(place);
    var above = (int) Math.ceil(place);
    return Optional.of(sorted[below] + (place - below) * (sorted[above] - sorted[below]));
  }

  private static Duration duration(double millis) {
    return Duration.ofMillis(Math.round(millis));
  }
}
