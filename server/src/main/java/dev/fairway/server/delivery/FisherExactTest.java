package dev.fairway.server.delivery;

/// Fisher's exact test on a 2×2 table, one-sided: could the new version fail this often by chance
/// if it were no worse than the old one?
///
/// With the margins fixed, the number of failures among the new version's requests is
/// hypergeometric; the p-value is the probability of that many or more. It is exact for small
/// counts, where a normal approximation would call noise a regression.
final class FisherExactTest {
  /// A term this much smaller than the sum so far cannot change a double any more.
  private static final double NEGLIGIBLE = 1e-18;

  private FisherExactTest() {}

  /// The probability, 0 to 1, of at least `newFailures` failures among `newRequests`, given the
  /// total number of failures in both versions and that both fail equally often.
  static double worse(long newFailures, long newRequests, long oldFailures, long oldRequests) {
    if (newFailures < 0
        || oldFailures < 0
        || newFailures > newRequests
        || oldFailures > oldRequests) {
      throw new IllegalArgumentException(
          "failures must be within requests: %d of %d against %d of %d"
              .formatted(newFailures, newRequests, oldFailures, oldRequests));
    }
    var table = new Margins(newRequests, newFailures + oldFailures, newRequests + oldRequests);
    if (newFailures <= table.fewest()) {
      return 1;
    }
    // Sum the tail that lies away from the mode, where the terms only fall.
    return newFailures > table.expected()
        ? Math.min(1, table.upperTail(newFailures))
        : Math.clamp(1 - table.lowerTail(newFailures - 1), 0, 1);
  }

  /// @param drawn requests of the new version
  /// @param failed failures of both versions
  /// @param total requests of both versions
  private record Margins(long drawn, long failed, long total) {
    long fewest() {
      return Math.max(0, drawn - (total - failed));
    }

    long most() {
      return Math.min(drawn, failed);
    }

    double expected() {
      return (double) drawn / total * failed;
    }

    double probability(long count) {
      return Math.exp(
          logChoose(failed, count)
              + logChoose(total - failed, drawn - count)
              - logChoose(total, drawn));
    }

    double upperTail(long from) {
      var term = probability(from);
      var sum = term;
      for (var count = from; count < most() && term > sum * NEGLIGIBLE; count++) {
        term *=
            (double) (failed - count)
                / (count + 1)
                * (drawn - count)
                / (total - failed - drawn + count + 1);
        sum += term;
      }
      return sum;
    }

    double lowerTail(long from) {
      var term = probability(from);
      var sum = term;
      for (var count = from; count > fewest() && term > sum * NEGLIGIBLE; count--) {
        term *=
            (double) count
                / (failed - count + 1)
                * (total - failed - drawn + count)
                / (drawn - count + 1);
        sum += term;
      }
      return sum;
    }
  }

  private static double logChoose(long n, long k) {
    return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  }

  /// Exact up to 20!, beyond that Stirling's series, whose error there is below 1e-12.
  private static double logFactorial(long n) {
    if (n <= 20) {
      var product = 1L;
      for (var factor = 2L; factor <= n; factor++) {
        product *= factor;
      }
      return Math.log((double) product);
    }
    double x = (double) n;
    return x * Math.log(x)
        - x
        + 0.5 * Math.log(2 * Math.PI * x)
        + 1 / (12 * x)
        - 1 / (360 * x * x * x)
        + 1 / (1260 * x * x * x * x * x);
  }
}
