package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// Judges a release that has just got the traffic.
///
/// Hard gates come first: a process that is gone or no longer healthy fails at once. Errors fail it
/// when three things hold together: enough requests to say anything, an error rate over the allowed
/// one, and a difference to the version before that chance does not explain ([FisherExactTest]). So
/// neither one failed request of three, nor a service that has always failed a little, causes a
/// rollback. Where the version before had too little traffic to compare with, the first two decide.
///
/// The question is asked again and again while the window is open, which makes a false alarm
/// likelier than one look would; the threshold for the p-value is strict for that reason.
public final class Verification {
  /// Chance must be less likely than this.
  static final double SIGNIFICANCE = 0.001;

  /// Requests that ended, and those of them that the service failed.
  public record Traffic(long requests, long failures) {
    static final Traffic NONE = new Traffic(0, 0);

    double errorRate() {
      return requests == 0 ? 0 : (double) failures / requests;
    }

    private String words() {
      return requests == 0
          ? "no requests"
          : "%s of %,d requests".formatted(percent(errorRate()), requests);
    }
  }

  /// How the new instance does by its own health check.
  enum Condition {
    HEALTHY,
    /// It answers its health check badly or not at all, as often as its definition allows.
    UNHEALTHY,
    /// Its process has ended.
    GONE
  }

  /// What is known at one moment.
  ///
  /// @param elapsed since the switch
  /// @param current the new version since the switch
  /// @param before the version before, while it had the traffic
  record Observation(Duration elapsed, Condition condition, Traffic current, Traffic before) {}

  /// @param pValue of the comparison with the version before; 1 where there was none to make
  public record Verdict(
      Result result, String words, Traffic current, Traffic before, double pValue) {}

  /// What a verdict says.
  public enum Result {
    PASSED,
    /// Passed by health alone: too little traffic to judge errors, and the rules accept that.
    INCONCLUSIVE,
    FAILED;

    /// The word that API and evidence use.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    public static Result ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  private final VerificationRules rules;

  Verification(VerificationRules rules) {
    this.rules = rules;
  }

  /// The verdict, empty while it is too early for one.
  Optional<Verdict> judge(Observation seen) {
    switch (seen.condition()) {
      case GONE -> {
        return verdict(Result.FAILED, "The process ended " + after(seen), seen, 1);
      }
      case UNHEALTHY -> {
        return verdict(Result.FAILED, "The health check failed " + after(seen), seen, 1);
      }
      case HEALTHY -> {
        // The traffic decides.
      }
    }
    var enough = seen.current().requests() >= rules.minRequests();
    var comparable = seen.before().requests() >= rules.minRequests();
    var pValue = enough && comparable ? pValue(seen) : 1;
    var over = seen.current().errorRate() > rules.maxErrorRate();
    if (enough && over && (!comparable || pValue < SIGNIFICANCE)) {
      return verdict(Result.FAILED, tooManyErrors(seen, comparable, pValue), seen, pValue);
    }
    if (seen.elapsed().compareTo(rules.duration()) < 0) {
      return Optional.empty();
    }
    if (!enough) {
      return littleTraffic(seen);
    }
    return verdict(Result.PASSED, fine(seen, over, pValue), seen, pValue);
  }

  private static double pValue(Observation seen) {
    return FisherExactTest.worse(
        seen.current().failures(),
        seen.current().requests(),
        seen.before().failures(),
        seen.before().requests());
  }

  private Optional<Verdict> littleTraffic(Observation seen) {
    var facts =
        "Healthy for %s, with %,d of the %,d requests that it takes to judge errors"
            .formatted(
                Durations.text(rules.duration()), seen.current().requests(), rules.minRequests());
    return switch (rules.littleTraffic()) {
      case PASS ->
          verdict(
              Result.INCONCLUSIVE, facts + ": accepted on health alone, as the rules say", seen, 1);
      case FAIL -> verdict(Result.FAILED, facts + ": the rules ask for more", seen, 1);
    };
  }

  private String tooManyErrors(Observation seen, boolean comparable, double pValue) {
    var words =
        "Errors: %s; at most %s are allowed"
            .formatted(seen.current().words(), percent(rules.maxErrorRate()));
    return comparable
        ? words
            + "; the version before had %s, and chance explains that with p = %s"
                .formatted(seen.before().words(), probability(pValue))
        : words + "; the version before had too little traffic to compare with";
  }

  private String fine(Observation seen, boolean over, double pValue) {
    var words =
        "Healthy for %s; errors: %s"
            .formatted(Durations.text(rules.duration()), seen.current().words());
    return over
        ? words
            + ", over the %s allowed, yet no worse than the version before with %s (p = %s)"
                .formatted(
                    percent(rules.maxErrorRate()), seen.before().words(), probability(pValue))
        : words + ", " + percent(rules.maxErrorRate()) + " allowed";
  }

  private static String after(Observation seen) {
    return Durations.text(seen.elapsed()) + " after the switch";
  }

  private static Optional<Verdict> verdict(
      Result result, String words, Observation seen, double pValue) {
    return Optional.of(new Verdict(result, words, seen.current(), seen.before(), pValue));
  }

  /// Such as `0.02 %`, `5 %`.
  static String percent(double share) {
    var percent = share * 100;
    var text = String.format(Locale.ROOT, percent < 1 ? "%.2f" : "%.1f", percent);
    return text.replaceFirst("\\.?0+$", "") + " %";
  }

  private static String probability(double value) {
    return value < 1e-4
        ? String.format(Locale.ROOT, "%.0e", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
