package dev.fairway.server.insight;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/// Computes the metrics from records; see [DeliveryMetrics] for what each of them is.
final class DeliveryMetricsCalculation {
  static final String DEFINITION = "dora 2026-01-05, fairway 1";

  private final List<DeploymentRecord> deployments;
  private final Map<UUID, DeploymentRecord> byId;
  private final List<CommitRecord> commits;
  private final List<FailureRecord> failures;
  private final Window window;
  private final Instant now;

  /// @param deployments all that ever ended, of any window: what was deployed before decides what
  ///   is a re-deployment and what a first one
  DeliveryMetricsCalculation(
      List<DeploymentRecord> deployments,
      List<CommitRecord> commits,
      List<FailureRecord> failures,
      Window window,
      Instant now) {
    this.deployments =
        deployments.stream()
            .sorted(
                Comparator.comparing(DeploymentRecord::finished)
                    .thenComparing(DeploymentRecord::id))
            .toList();
    this.byId =
        deployments.stream().collect(Collectors.toMap(DeploymentRecord::id, record -> record));
    this.commits = List.copyOf(commits);
    this.failures = List.copyOf(failures);
    this.window = window;
    this.now = now;
  }

  DeliveryMetrics compute() {
    return new DeliveryMetrics(
        DEFINITION,
        window,
        now.isBefore(window.to()),
        frequency(),
        leadTime(),
        failRate(),
        recovery(),
        rework());
  }

  private DeliveryMetrics.Frequency frequency() {
    var fresh = new ArrayList<DeploymentRecord>();
    long redeployments = 0;
    long rollbacks = 0;
    var serving = new HashMap<String, String>();
    for (var deployment : deployments) {
      if (!deployment.succeeded()) {
        continue;
      }
      var before = serving.put(deployment.service(), deployment.digest());
      if (!window.holds(deployment.finished())) {
        continue;
      }
      if (deployment.intent() == DeploymentRecord.Intent.ROLLBACK) {
        rollbacks++;
      } else if (deployment.digest().equals(before)) {
        redeployments++;
      } else {
        fresh.add(deployment);
      }
    }
    var intervals = new ArrayList<Duration>();
    for (int i = 1; i < fresh.size(); i++) {
      intervals.add(Duration.between(fresh.get(i - 1).finished(), fresh.get(i).finished()));
    }
    var weeks = weeks();
    return new DeliveryMetrics.Frequency(
        fresh.size(),
        redeployments,
        rollbacks,
        fresh.size() / window.daysUntil(now),
        medianDaysPerWeek(fresh, weeks),
        weeks.size(),
        weeks.stream().filter(this::partial).count(),
        Distribution.of(intervals).median());
  }

  /// The Mondays of all ISO weeks that the window touches and that have begun.
  private List<LocalDate> weeks() {
    var end = window.to().isBefore(now) ? window.to() : now;
    var last = end.isAfter(window.from()) ? week(end.minusMillis(1)) : week(window.from());
    return week(window.from()).datesUntil(last.plusDays(1), Period.ofWeeks(1)).toList();
  }

  private boolean partial(LocalDate monday) {
    var begins = monday.atStartOfDay(window.zone()).toInstant();
    var ends = monday.plusWeeks(1).atStartOfDay(window.zone()).toInstant();
    return begins.isBefore(window.from()) || ends.isAfter(window.to()) || ends.isAfter(now);
  }

  private Optional<Double> medianDaysPerWeek(List<DeploymentRecord> fresh, List<LocalDate> weeks) {
    var daysByWeek = new HashMap<LocalDate, Set<LocalDate>>();
    weeks.forEach(week -> daysByWeek.put(week, new HashSet<>()));
    for (var deployment : fresh) {
      daysByWeek
          .computeIfAbsent(week(deployment.finished()), _ -> new HashSet<>())
          .add(deployment.finished().atZone(window.zone()).toLocalDate());
    }
    return Distribution.percentile(
        daysByWeek.values().stream().mapToDouble(Set::size).sorted().toArray(), 0.5);
  }

  private LocalDate week(Instant instant) {
    return instant
        .atZone(window.zone())
        .toLocalDate()
        .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
  }

  private DeliveryMetrics.LeadTime leadTime() {
    var first = firstEver();
    var points = new ArrayList<DeliveryMetrics.Point>();
    var anomalies = new ArrayList<DeliveryMetrics.Anomaly>();
    var undated = new ArrayList<String>();
    long byCommitDate = 0;
    long byAuthorDate = 0;
    for (var commit : firstDeployed()) {
      var deployment = byId.get(commit.deployment());
      if (deployment == null || !delivers(deployment) || first.contains(deployment.id())) {
        continue;
      }
      var start = commit.firstPushed().or(commit::committed).or(commit::authored);
      if (start.isEmpty()) {
        undated.add(commit.sha());
        continue;
      }
      var lead = Duration.between(start.get(), deployment.finished());
      if (lead.isNegative()) {
        anomalies.add(new DeliveryMetrics.Anomaly(commit.sha(), deployment.id(), lead));
        continue;
      }
      if (commit.firstPushed().isEmpty()) {
        if (commit.committed().isPresent()) {
          byCommitDate++;
        } else {
          byAuthorDate++;
        }
      }
      points.add(
          new DeliveryMetrics.Point(commit.sha(), deployment.id(), deployment.finished(), lead));
    }
    points.sort(
        Comparator.comparing(DeliveryMetrics.Point::finished)
            .thenComparing(DeliveryMetrics.Point::commit));
    return new DeliveryMetrics.LeadTime(
        Distribution.of(points.stream().map(DeliveryMetrics.Point::lead).toList()),
        List.copyOf(points),
        byCommitDate,
        byAuthorDate,
        deployments.stream()
            .filter(deployment -> first.contains(deployment.id()) && delivers(deployment))
            .count(),
        List.copyOf(anomalies),
        List.copyOf(undated));
  }

  private boolean delivers(DeploymentRecord deployment) {
    return deployment.succeeded()
        && deployment.intent() != DeploymentRecord.Intent.ROLLBACK
        && window.holds(deployment.finished());
  }

  /// Each commit of a service once, with the deployment that was the first to hold it.
  private Collection<CommitRecord> firstDeployed() {
    var byDeployment = commits.stream().collect(Collectors.groupingBy(CommitRecord::deployment));
    var first = new TreeMap<String, CommitRecord>();
    for (var deployment : deployments) {
      if (deployment.succeeded()) {
        byDeployment
            .getOrDefault(deployment.id(), List.of())
            .forEach(
                commit -> first.putIfAbsent(deployment.service() + " " + commit.sha(), commit));
      }
    }
    return first.values();
  }

  /// The first successful deployment of each service.
  private Set<UUID> firstEver() {
    var seen = new HashSet<String>();
    return deployments.stream()
        .filter(DeploymentRecord::succeeded)
        .filter(deployment -> seen.add(deployment.service()))
        .map(DeploymentRecord::id)
        .collect(Collectors.toSet());
  }

  private DeliveryMetrics.FailRate failRate() {
    var failed = failures.stream().map(FailureRecord::causedBy).collect(Collectors.toSet());
    var exposed =
        deployments.stream()
            .filter(DeploymentRecord::exposed)
            .filter(deployment -> window.holds(deployment.finished()))
            .toList();
    var others = exposed.stream().filter(deployment -> !deployment.remediation()).toList();
    return new DeliveryMetrics.FailRate(share(exposed, failed), share(others, failed));
  }

  private static Proportion share(List<DeploymentRecord> deployments, Set<UUID> failed) {
    return Proportion.of(
        deployments.stream().filter(deployment -> failed.contains(deployment.id())).count(),
        deployments.size());
  }

  private DeliveryMetrics.Recovery recovery() {
    var recovered = new ArrayList<DeliveryMetrics.Recovered>();
    var open = new ArrayList<DeliveryMetrics.Open>();
    var remediations = new ArrayList<Duration>();
    var anomalies = new ArrayList<DeliveryMetrics.Anomaly>();
    var byCause = failures.stream().collect(Collectors.groupingBy(FailureRecord::causedBy));
    for (var deployment : deployments) {
      var its = byCause.get(deployment.id());
      if (its == null || !deployment.exposed() || !window.holds(deployment.finished())) {
        continue;
      }
      var impact =
          its.stream().map(FailureRecord::impactStart).min(Comparator.naturalOrder()).orElseThrow();
      var from = impact.isAfter(deployment.started()) ? impact : deployment.started();
      its.stream()
          .flatMap(failure -> failure.remediation().map(byId::get).stream())
          .map(DeploymentRecord::finished)
          .max(Comparator.naturalOrder())
          .ifPresent(
              repaired -> remediations.add(Duration.between(deployment.started(), repaired)));
      if (its.stream().anyMatch(failure -> failure.restored().isEmpty())) {
        open.add(new DeliveryMetrics.Open(deployment.id(), from, Duration.between(from, now)));
        continue;
      }
      var restored =
          its.stream()
              .flatMap(failure -> failure.restored().stream())
              .max(Comparator.naturalOrder())
              .orElseThrow();
      if (restored.isBefore(from)) {
        anomalies.add(
            new DeliveryMetrics.Anomaly(
                deployment.id().toString(), deployment.id(), Duration.between(from, restored)));
      } else {
        recovered.add(new DeliveryMetrics.Recovered(deployment.id(), from, restored));
      }
    }
    return new DeliveryMetrics.Recovery(
        Distribution.of(recovered.stream().map(DeliveryMetrics.Recovered::took).toList()),
        List.copyOf(recovered),
        List.copyOf(open),
        Distribution.of(remediations),
        List.copyOf(anomalies));
  }

  /// Work that a failure made necessary, of all that reached users: unplanned deployments,
  /// rollbacks, and those that bring back a commit which served before and was not the last one. A
  /// deployment that gave the traffic back counts twice: as itself, and as the rollback that it
  /// became.
  private Proportion rework() {
    var history = new HashMap<String, List<String>>();
    long reworked = 0;
    long all = 0;
    for (var deployment : deployments) {
      if (!deployment.exposed()) {
        continue;
      }
      var served = history.computeIfAbsent(deployment.service(), _ -> new ArrayList<>());
      var returned =
          served.contains(deployment.commit()) && !served.getLast().equals(deployment.commit());
      if (!deployment.rolledBack()) {
        served.add(deployment.commit());
      } else if (!served.isEmpty()) {
        var back = served.getLast();
        served.add(deployment.commit());
        served.add(back);
      }
      if (!window.holds(deployment.finished())) {
        continue;
      }
      all += deployment.rolledBack() ? 2 : 1;
      reworked += deployment.rolledBack() ? 1 : 0;
      reworked += deployment.remediation() || returned ? 1 : 0;
    }
    return Proportion.of(reworked, all);
  }
}
