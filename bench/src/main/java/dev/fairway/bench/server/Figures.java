package dev.fairway.bench.server;

import java.util.Arrays;
import java.util.Collection;

/// What was measured several times, in milliseconds.
record Figures(double[] sorted) {
  Figures {
    sorted = sorted.clone();
    Arrays.sort(sorted);
  }

  static Figures of(Collection<Double> millis) {
    return new Figures(millis.stream().mapToDouble(Double::doubleValue).toArray());
  }

  static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  double p(int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  double median() {
    return p(50);
  }

  double least() {
    return sorted[0];
  }

  double most() {
    return sorted[sorted.length - 1];
  }

  @Override
  public String toString() {
    return "p50 %.1f ms, p99 %.1f ms, least %.1f, most %.1f, of %d"
        .formatted(median(), p(99), least(), most(), sorted.length);
  }
}
