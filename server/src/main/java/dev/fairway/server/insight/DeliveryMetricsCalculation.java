package dev.fairway.server.insight;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        deployments.stream().sorted(Comparator.comparing(DeploymentRecord::finished)).toList();
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
    var serving = new HashMap<String, String>();
    for (var deployment : deployments) {
      if (!deployment.succeeded()) {
        continue;
      }
      var before = serving.put(deployment.service(), deployment.digest());
      if (!window.holds(deployment.finished())
          || deployment.intent() == DeploymentRecord.Intent.ROLLBACK) {
        continue;
      }
      if (deployment.digest().equals(before)) {
        redeployments++;
      } else {
        fresh.add(deployment);
      }
    }
    var intervals = new ArrayList<Duration>();
    for (int i = 1; i < fresh.size(); i++) {
      intervals.add(Duration.between(fresh.get(i - 1).finished(), fresh.get(i).finished()));
    }
    return new DeliveryMetrics.Frequency(
        fresh.size(),
        redeployments,
        fresh.size() / window.days(),
        medianDaysPerWeek(fresh),
        Distribution.of(intervals).median());
  }

  /// The median over all ISO weeks that the window touches.
  private Optional<Double> medianDaysPerWeek(List<DeploymentRecord> fresh) {
    var daysByWeek = new HashMap<LocalDate, Set<LocalDate>>();
    for (var week = week(window.from());
        !week.isAfter(week(window.to().minusMillis(1)));
        week = week.plusWeeks(1)) {
      daysByWeek.put(week, new HashSet<>());
    }
    for (var deployment : fresh) {
      daysByWeek
          .getOrDefault(week(deployment.finished()), new HashSet<>())
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
    var anomalies = new ArrayList<String>();
    long byCommitDate = 0;
    long unbaselined = 0;
    for (var commit : commits) {
      var deployment = byId.get(commit.deployment());
      if (deployment == null
          || !deployment.succeeded()
          || deployment.intent() == DeploymentRecord.Intent.ROLLBACK
          || !window.holds(deployment.finished())) {
        continue;
      }
      if (first.contains(deployment.id())) {
        unbaselined++;
        continue;
      }
      var start = commit.firstPushed().orElse(commit.committed());
      var lead = Duration.between(start, deployment.finished());
      if (lead.isNegative()) {
        anomalies.add(commit.sha());
        continue;
      }
      if (commit.firstPushed().isEmpty()) {
        byCommitDate++;
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
        unbaselined,
        List.copyOf(anomalies));
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
    var others =
        exposed.stream()
            .filter(deployment -> deployment.intent() == DeploymentRecord.Intent.PLANNED)
            .toList();
    return new DeliveryMetrics.FailRate(share(exposed, failed), share(others, failed));
  }

  private static Proportion share(List<DeploymentRecord> deployments, Set<UUID> failed) {
    return Proportion.of(
        deployments.stream().filter(deployment -> failed.contains(deployment.id())).count(),
        deployments.size());
  }

  private DeliveryMetrics.Recovery recovery() {
    var recoveries = new ArrayList<Duration>();
    var open = new ArrayList<DeliveryMetrics.Open>();
    var remediations = new ArrayList<Duration>();
    for (var failure : failures) {
      var deployment = byId.get(failure.causedBy());
      if (deployment == null || !window.holds(deployment.finished())) {
        continue;
      }
      var start =
          failure.impactStart().isAfter(deployment.started())
              ? failure.impactStart()
              : deployment.started();
      failure
          .restored()
          .ifPresentOrElse(
              restored -> recoveries.add(Duration.between(start, restored)),
              () ->
                  open.add(
                      new DeliveryMetrics.Open(deployment.id(), Duration.between(start, now))));
      failure
          .remediation()
          .map(byId::get)
          .ifPresent(remediation ->
              remediations.add(Duration.between(deployment.started(), remediation.finished())));
    }
    return new DeliveryMetrics.Recovery(
        Distribution.of(recoveries), List.copyOf(open), Distribution.of(remediations));
  }

  /// Work that a failure made necessary, of all deployments: unplanned ones, rollbacks, and those
  /// that bring back a commit which served before and was not the last one.
  private Proportion rework() {
    var history = new HashMap<String, List<String>>();
    long reworked = 0;
    long all = 0;
    for (var deployment : deployments) {
      var served = history.computeIfAbsent(deployment.service(), _ -> new ArrayList<>());
      var returned =
          served.contains(deployment.commit()) && !served.getLast().equals(deployment.commit());
      served.add(deployment.commit());
      if (!window.holds(deployment.finished())) {
        continue;
      }
      all++;
      if (deployment.intent() != DeploymentRecord.Intent.PLANNED
          || !deployment.remediates().isEmpty()
          || returned) {
        reworked++;
      }
    }
    return Proportion.of(reworked, all);
  }
}
