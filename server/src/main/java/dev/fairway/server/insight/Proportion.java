package dev.fairway.server.insight;

import java.util.Optional;

/// A share of a whole with its 95 % interval after Wilson; none where the whole is nothing.
record Proportion(
    long part, long whole, Optional<Double> rate, Optional<Double> low, Optional<Double> high) {
  /// The 97.5th percentile of the normal distribution.
  private static final double Z = 1.959963984540054;

  static Proportion of(long part, long whole) {
    if (part < 0 || part > whole) {
      throw new IllegalArgumentException(part + " of " + whole + " is no share");
    }
    if (whole == 0) {
      return new Proportion(0, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }
    double n = whole;
    double p = part / n;
    double denominator = 1 + Z * Z / n;
    double centre = (p + Z * Z / (2 * n)) / denominator;
    double half = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / denominator;
    return new Proportion(
        part,
        whole,
        Optional.of(p),
        Optional.of(part == 0 ? 0 : Math.max(0, centre - half)),
        Optional.of(part == whole ? 1 : Math.min(1, centre + half)));
  }
}
