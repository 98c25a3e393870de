package dev.fairway.server.insight;

import dev.fairway.server.insight.MetricsReport.Figure;
import dev.fairway.server.web.Format;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Puts the five metrics into words. Rounding happens here and nowhere before.
final class Figures {
  static final String NONE = "–";

  private final DeliveryMetrics metrics;
  private final boolean connected;

  /// @param connected whether there is a production tier at all: without one there is no figure,
  ///   not even zero
  Figures(DeliveryMetrics metrics, boolean connected) {
    this.metrics = metrics;
    this.connected = connected;
  }

  List<Figure> all() {
    return List.of(frequency(), leadTime(), failRate(), recovery(), rework());
  }

  private Figure frequency() {
    var found = metrics.deploymentFrequency();
    var numbers = new LinkedHashMap<String, @Nullable Object>();
    numbers.put("perDay", connected ? found.perDay() : null);
    numbers.put("medianDaysPerWeek", connected ? found.medianDaysPerWeek().orElse(null) : null);
    numbers.put("weeks", found.weeks());
    numbers.put("partialWeeks", found.partialWeeks());
    numbers.put("medianIntervalMillis", millis(found.medianInterval()));
    var detail = new ArrayList<String>();
    if (connected) {
      found
          .medianDaysPerWeek()
          .ifPresent(days ->
              detail.add(
                  decimal(days, 1) + (days == 1 ? " day" : " days") + " in the median week"));
    }
    found
        .medianInterval()
        .ifPresent(interval -> detail.add("median interval " + Format.duration(interval)));
    return new Figure(
        "deployment_frequency",
        "Deployment frequency",
        connected ? decimal(found.perDay(), 2) + " per day" : NONE,
        connected ? String.join(", ", detail) : "no production environment yet",
        found.deployments(),
        "deployments",
        "",
        "Deployments to production that succeeded, by the days of the window that have passed. The"
            + " median week counts days with a deployment in each ISO week, weeks without one"
            + " included.",
        numbers,
        exclusions(
            List.of(
                some(found.redeployments(), "re-deployment", "of what served already"),
                some(found.rollbacks(), "rollback", "to what users had before"),
                connected
                    ? some(
                        found.partialWeeks(), "week", "partly outside of the window, but counted")
                    : Optional.empty())));
  }

  private Figure leadTime() {
    var found = metrics.changeLeadTime();
    var times = found.distribution();
    return new Figure(
        "change_lead_time",
        "Change lead time",
        median(times),
        spread(times, "no commit with a baseline reached production"),
        times.n(),
        "commits",
        "",
        "For each commit, merges left out, from its first push to the end of the first deployment"
            + " that holds it; the median. A commit whose push nobody saw counts from its"
            + " committer's date, or else its author's.",
        distribution(times),
        exclusions(
            List.of(
                some(
                    found.unbaselined(), "first deployment", "of a service, which has no baseline"),
                some(found.byCommitDate(), "commit", "counted from the committer's date"),
                some(found.byAuthorDate(), "commit", "counted from the author's date"),
                some(found.undated().size(), "commit", "without any date"),
                some(
                    found.anomalies().size(), "commit", "deployed before it was pushed or made"))));
  }

  private Figure failRate() {
    var all = metrics.changeFailRate().all();
    var others = metrics.changeFailRate().withoutRemediations();
    var numbers = proportion(all);
    numbers.put("withoutRemediations", proportion(others));
    return new Figure(
        "change_fail_rate",
        "Change fail rate",
        percent(all.rate()),
        all.whole() == 0
            ? "no deployment reached users"
            : "%d failed; without remediations %d of %d"
                .formatted(all.part(), others.part(), others.whole()),
        all.whole(),
        "deployments that reached users",
        interval(all),
        "Deployments with a confirmed failure, by all deployments that users' traffic reached. One"
            + " that fails before it has traffic is no failure.",
        numbers,
        List.of());
  }

  private Figure recovery() {
    var found = metrics.failedDeploymentRecoveryTime();
    var numbers = distribution(found.distribution());
    numbers.put("open", found.open().size());
    numbers.put("deployToRemediation", distribution(found.deployToRemediation()));
    var oldest =
        found.open().stream()
            .map(DeliveryMetrics.Open::age)
            .max(Comparator.naturalOrder())
            .map(age -> "; the oldest for " + Format.duration(age))
            .orElse("");
    return new Figure(
        "failed_deployment_recovery_time",
        "Failed deployment recovery time",
        median(found.distribution()),
        spread(found.distribution(), "no failed deployment recovered")
            + (found.open().isEmpty() ? "" : "; " + found.open().size() + " open" + oldest),
        found.distribution().n(),
        "failed deployments",
        "",
        "For each failed deployment, from the first bad moment on record, and never before it"
            + " began, until the traffic was on a good release again; the median. Open failures"
            + " stay out of it and are shown with their age.",
        numbers,
        exclusions(
            List.of(
                some(found.open().size(), "failure", "still open"),
                some(found.anomalies().size(), "failure", "over before it began"))));
  }

  private Figure rework() {
    var found = metrics.deploymentReworkRate();
    return new Figure(
        "deployment_rework_rate",
        "Deployment rework rate",
        percent(found.rate()),
        found.whole() == 0 ? "no deployment reached users" : found.part() + " were rework",
        found.whole(),
        "deployments and automatic rollbacks",
        interval(found),
        "Rollbacks, repairs of a failed deployment, reverts, hotfixes and returns to an earlier"
            + " commit, by all deployments that users' traffic reached. A rollback that Fairway"
            + " made by itself counts as one more deployment.",
        proportion(found),
        List.of());
  }

  private static String median(Distribution times) {
    return times.median().map(Format::duration).orElse(NONE);
  }

  private static String spread(Distribution times, String otherwise) {
    return times.n() == 0
        ? otherwise
        : "p75 %s, p95 %s"
            .formatted(
                times.p75().map(Format::duration).orElse(NONE),
                times.p95().map(Format::duration).orElse(NONE));
  }

  static String percent(Optional<Double> rate) {
    return rate.map(share -> decimal(share * 100, 1) + " %").orElse(NONE);
  }

  private static String interval(Proportion proportion) {
    return proportion.rate().isEmpty()
        ? ""
        : percent(proportion.low()) + " to " + percent(proportion.high());
  }

  /// With at most so many digits behind the point.
  private static String decimal(double value, int digits) {
    var text = String.format(Locale.ROOT, "%." + digits + "f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  private static Map<String, @Nullable Object> distribution(Distribution times) {
    var numbers = new LinkedHashMap<String, @Nullable Object>();
    numbers.put("n", times.n());
    numbers.put("medianMillis", millis(times.median()));
    numbers.put("p75Millis", millis(times.p75()));
    numbers.put("p95Millis", millis(times.p95()));
    return numbers;
  }

  private static Map<String, @Nullable Object> proportion(Proportion proportion) {
    var numbers = new LinkedHashMap<String, @Nullable Object>();
    numbers.put("part", proportion.part());
    numbers.put("whole", proportion.whole());
    numbers.put("rate", proportion.rate().orElse(null));
    numbers.put("low", proportion.low().orElse(null));
    numbers.put("high", proportion.high().orElse(null));
    return numbers;
  }

  private static @Nullable Long millis(Optional<Duration> duration) {
    return duration.map(Duration::toMillis).orElse(null);
  }

  private static Optional<String> some(long number, String word, String what) {
    return number == 0 ? Optional.empty() : Optional.of(Format.count(number, word) + " " + what);
  }

  private static List<String> exclusions(List<Optional<String>> some) {
    return some.stream().flatMap(Optional::stream).toList();
  }
}
