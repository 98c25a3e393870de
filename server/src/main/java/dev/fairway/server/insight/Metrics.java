package dev.fairway.server.insight;

import dev.fairway.server.insight.MetricsReport.AnomalyLine;
import dev.fairway.server.insight.MetricsReport.CommitLine;
import dev.fairway.server.insight.MetricsReport.DeploymentLine;
import dev.fairway.server.insight.MetricsReport.FailureLine;
import dev.fairway.server.web.Format;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Answers questions for the metrics.
final class Metrics {
  static final int MAX_DAYS = 731;
  static final int DEFAULT_DAYS = 30;

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH);

  private final HistoryReader reader;
  private final InstantSource clock;

  Metrics(HistoryReader reader, InstantSource clock) {
    this.reader = reader;
    this.clock = clock;
  }

  /// @param service null for all of them together
  MetricsReport report(@Nullable String service, int days, ZoneId zone) {
    var now = clock.instant();
    var window = Window.lastDays(days, zone, now);
    return new Question(service, days, window, now).answer(reader.read(service, window));
  }

  /// What was asked.
  private record Question(@Nullable String service, int days, Window window, Instant now) {
    MetricsReport answer(ProductionHistory history) {
      var metrics =
          new DeliveryMetricsCalculation(
                  history.deployments(), history.commits(), history.failures(), window, now)
              .compute();
      var inWindow =
          history.deployments().stream()
              .filter(deployment -> window.holds(deployment.finished()))
              .toList();
      var ids = inWindow.stream().map(DeploymentRecord::id).collect(Collectors.toSet());
      return new MetricsReport(
          metrics.definition(),
          now,
          scope(history),
          history.environment().orElse(null),
          service,
          history.services(),
          new MetricsReport.Period(
              window.from(), window.to(), window.zone().getId(), days, metrics.partial()),
          new MetricsReport.Inputs(
              inWindow.size(),
              inWindow.stream().filter(DeploymentRecord::exposed).count(),
              history.commits().size(),
              history.failures().stream()
                  .filter(failure -> ids.contains(failure.causedBy()))
                  .count()),
          new Figures(metrics, history.environment().isPresent()).all(),
          metrics.changeLeadTime().points().stream()
              .map(point ->
                  new CommitLine(
                      point.commit(),
                      point.deployment(),
                      point.finished(),
                      point.lead().toMillis()))
              .toList(),
          deployments(inWindow, history, metrics),
          failures(history, metrics),
          anomalies(metrics),
          notes(history));
    }

    private String scope(ProductionHistory history) {
      var first = DAY.format(window.from().atZone(window.zone()));
      var last = DAY.format(window.to().minusMillis(1).atZone(window.zone()));
      return "%s in %s, %s to %s (%s), %s"
          .formatted(
              service == null ? "All services" : service,
              history.environment().orElse("production"),
              first,
              last,
              window.zone().getId(),
              now.isBefore(window.to()) ? "not over yet" : "over");
    }

    private static List<DeploymentLine> deployments(
        List<DeploymentRecord> inWindow, ProductionHistory history, DeliveryMetrics metrics) {
      var failed =
          history.failures().stream().map(FailureRecord::causedBy).collect(Collectors.toSet());
      var leads =
          metrics.changeLeadTime().points().stream()
              .collect(
                  Collectors.groupingBy(
                      DeliveryMetrics.Point::deployment,
                      Collectors.mapping(DeliveryMetrics.Point::lead, Collectors.toList())));
      return inWindow.stream()
          .sorted(Comparator.comparing(DeploymentRecord::finished).reversed())
          .map(deployment -> line(deployment, history, failed, leads))
          .toList();
    }

    private static DeploymentLine line(
        DeploymentRecord deployment,
        ProductionHistory history,
        Set<UUID> failed,
        Map<UUID, List<Duration>> leads) {
      var detail = detail(history, deployment.id());
      var its = leads.getOrDefault(deployment.id(), List.of());
      return new DeploymentLine(
          deployment.id(),
          deployment.service(),
          detail.version(),
          deployment.commit(),
          deployment.intent().name().toLowerCase(Locale.ROOT),
          detail.state(),
          deployment.exposed(),
          deployment.exposed() && failed.contains(deployment.id()),
          detail.requestedBy(),
          deployment.started(),
          deployment.finished(),
          its.size(),
          Distribution.of(its).median().map(Duration::toMillis).orElse(null));
    }

    private static ProductionHistory.Detail detail(ProductionHistory history, UUID deployment) {
      var detail = history.details().get(deployment);
      if (detail == null) {
        throw new IllegalStateException("deployment " + deployment + " has no details");
      }
      return detail;
    }

    private List<FailureLine> failures(ProductionHistory history, DeliveryMetrics metrics) {
      var deployments =
          history.deployments().stream()
              .collect(Collectors.toMap(DeploymentRecord::id, Function.identity()));
      var attributions =
          history.failures().stream()
              .collect(
                  Collectors.toMap(
                      FailureRecord::causedBy,
                      failure -> failure.attribution().words(),
                      (one, other) -> one.equals(other) ? one : one + "; " + other));
      var found = metrics.failedDeploymentRecoveryTime();
      return Stream.concat(
              found.open().stream()
                  .map(open -> {
                    var line = new FailureTime(open.deployment(), open.from(), null, open.age());
                    return line.of(history, deployments, attributions);
                  }),
              found.recovered().stream()
                  .sorted(Comparator.comparing(DeliveryMetrics.Recovered::from).reversed())
                  .map(over -> {
                    var line =
                        new FailureTime(
                            over.deployment(), over.from(), over.restored(), over.took());
                    return line.of(history, deployments, attributions);
                  }))
          .toList();
    }

    private record FailureTime(
        UUID deployment, Instant from, @Nullable Instant restored, Duration lasted) {
      FailureLine of(
          ProductionHistory history,
          Map<UUID, DeploymentRecord> deployments,
          Map<UUID, String> attributions) {
        var record = deployments.get(deployment);
        return new FailureLine(
            deployment,
            record == null ? "" : record.service(),
            detail(history, deployment).version(),
            from,
            restored,
            lasted.toMillis(),
            attributions.getOrDefault(deployment, ""));
      }
    }

    private static List<AnomalyLine> anomalies(DeliveryMetrics metrics) {
      var lines = new ArrayList<AnomalyLine>();
      for (var anomaly : metrics.changeLeadTime().anomalies()) {
        lines.add(
            new AnomalyLine(
                "change_lead_time",
                anomaly.deployment(),
                anomaly.subject(),
                "Commit "
                    + Format.commit(anomaly.subject())
                    + " was deployed "
                    + Format.duration(anomaly.duration().negated())
                    + " before it was pushed or made"));
      }
      for (var anomaly : metrics.failedDeploymentRecoveryTime().anomalies()) {
        lines.add(
            new AnomalyLine(
                "failed_deployment_recovery_time",
                anomaly.deployment(),
                anomaly.subject(),
                "Service was good again "
                    + Format.duration(anomaly.duration().negated())
                    + " before it was bad"));
      }
      return lines;
    }

    private List<String> notes(ProductionHistory history) {
      var notes = new ArrayList<String>();
      if (history.neverBegan() > 0) {
        notes.add(
            Format.count(history.neverBegan(), "deployment")
                + " ended before anything was started (superseded, rejected or cancelled)");
      }
      history.unread().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(unread ->
              notes.add(
                  "Commits of deployment "
                      + unread.getKey()
                      + " are missing: "
                      + unread.getValue()));
      return notes;
    }
  }
}
