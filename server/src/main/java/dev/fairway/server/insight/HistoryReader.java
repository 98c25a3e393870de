package dev.fairway.server.insight;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.insight.DeploymentRecord.Intent;
import dev.fairway.server.insight.FailureRecord.Attribution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads what delivery and source hold into the records that the metrics are computed from.
///
/// - The production tier is the last environment of the path.
/// - A deployment counts from when its process is started to its end; users are exposed to it once
///   the traffic was switched.
/// - A failed deployment is one that the verification of that very release condemned after the
///   switch, one that a person took back, or one that got the traffic and came to no good end. The
///   trouble begins with the switch, or, where a verified release is taken back later, when a
///   person asked for that: the first bad moment on record. It ends when the traffic is on a good
///   release.
final class HistoryReader {
  /// Of so many earlier deployments the commits are told to git as known; older ones are in their
  /// history.
  private static final int MAX_KNOWN = 200;

  private final Database database;
  private final Lineage lineage;

  HistoryReader(Database database, Lineage lineage) {
    this.database = database;
    this.lineage = lineage;
  }

  /// @param service null for all
  /// @throws FairwayException NOT_FOUND for a service that was never deployed there
  ProductionHistory read(@Nullable String service, Window window) {
    return database
        .<Optional<Rows>>read(tx ->
            HistoryRow.production(tx)
                .map(environment ->
                    new Rows(
                        environment,
                        HistoryRow.services(tx, environment),
                        HistoryRow.ended(tx, environment, service))))
        .map(rows -> history(rows, service, window))
        .orElseGet(() -> {
          refuseUnknown(service, List.of());
          return new ProductionHistory(
              Optional.empty(), List.of(), List.of(), Map.of(), List.of(), List.of(), 0, Map.of());
        });
  }

  private record Rows(String environment, List<String> services, List<HistoryRow> ended) {}

  private static void refuseUnknown(@Nullable String service, List<String> services) {
    if (service != null && !services.contains(service)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "No service '" + service + "' was ever deployed to production",
          services.isEmpty() ? "" : "There are: " + String.join(", ", services) + ".");
    }
  }

  private ProductionHistory history(Rows rows, @Nullable String service, Window window) {
    refuseUnknown(service, rows.services());
    var begun = rows.ended().stream().filter(row -> row.began().isPresent()).toList();
    var unread = new HashMap<UUID, String>();
    var ranges = ranges(begun, window, unread);
    var failures = failures(begun);
    var repairs = new HashMap<UUID, List<UUID>>();
    for (var failure : failures) {
      failure
          .remediation()
          .filter(repair -> !repair.equals(failure.causedBy()))
          .ifPresent(repair ->
              repairs.computeIfAbsent(repair, _ -> new ArrayList<>()).add(failure.causedBy()));
    }
    var deployments = new ArrayList<DeploymentRecord>();
    var details = new HashMap<UUID, ProductionHistory.Detail>();
    for (var row : begun) {
      deployments.add(
          deployment(row, ranges.get(row.id()), repairs.getOrDefault(row.id(), List.of())));
      details.put(
          row.id(),
          new ProductionHistory.Detail(
              row.version(), row.state(), row.requestedBy(), row.switchedAt()));
    }
    return new ProductionHistory(
        Optional.of(rows.environment()),
        rows.services(),
        deployments,
        details,
        commits(begun, ranges),
        failures,
        rows.ended().stream()
            .filter(row -> row.began().isEmpty() && window.holds(row.endedAt()))
            .count(),
        unread);
  }

  private static DeploymentRecord deployment(
      HistoryRow row, Lineage.@Nullable Range range, List<UUID> remediates) {
    var intent = Intent.PLANNED;
    if (row.rollback()) {
      intent = Intent.ROLLBACK;
    } else if (range != null && range.repairs()) {
      intent = Intent.UNPLANNED;
    }
    return new DeploymentRecord(
        row.id(),
        row.service(),
        row.commit(),
        row.digest(),
        row.began().orElseThrow(),
        row.endedAt(),
        row.succeeded(),
        row.switchedAt().isPresent(),
        row.rolledBack(),
        intent,
        remediates);
  }

  /// What each successful deployment of the window brought, the first ones of a service apart.
  private Map<UUID, Lineage.Range> ranges(
      List<HistoryRow> begun, Window window, Map<UUID, String> unread) {
    var ranges = new LinkedHashMap<UUID, Lineage.Range>();
    var knownByService = new HashMap<String, SequencedSet<String>>();
    for (var row : begun) {
      if (row.rollback() || !row.succeeded()) {
        continue;
      }
      var known = knownByService.computeIfAbsent(row.service(), _ -> new LinkedHashSet<>());
      if (!known.isEmpty() && window.holds(row.endedAt())) {
        try {
          var range = lineage.of(row, known.reversed().stream().limit(MAX_KNOWN).toList());
          ranges.put(row.id(), range);
          if (range.cut()) {
            unread.put(row.id(), "it brought more commits than are read");
          }
        } catch (FairwayException e) {
          unread.put(row.id(), "git cannot tell its commits: " + e.getMessage());
        }
      }
      known.add(row.commit());
    }
    return ranges;
  }

  private List<CommitRecord> commits(List<HistoryRow> begun, Map<UUID, Lineage.Range> ranges) {
    var shasByProject = new HashMap<UUID, List<String>>();
    for (var row : begun) {
      var range = ranges.get(row.id());
      if (range != null) {
        var shas = shasByProject.computeIfAbsent(row.project(), _ -> new ArrayList<>());
        range.commits().forEach(commit -> shas.add(commit.sha()));
      }
    }
    var pushes = new HashMap<UUID, Map<String, Instant>>();
    shasByProject.forEach(
        (project, shas) -> pushes.put(project, lineage.firstPushes(project, shas)));
    var commits = new ArrayList<CommitRecord>();
    for (var row : begun) {
      var range = ranges.get(row.id());
      if (range != null) {
        var seen = pushes.getOrDefault(row.project(), Map.of());
        for (var commit : range.commits()) {
          commits.add(
              new CommitRecord(
                  commit.sha(),
                  row.id(),
                  commit.authored(),
                  commit.committed(),
                  Optional.ofNullable(seen.get(commit.sha()))));
        }
      }
    }
    return commits;
  }

  private static List<FailureRecord> failures(List<HistoryRow> begun) {
    var failures = new ArrayList<FailureRecord>();
    // What has the traffic without being good, by service: the next good release ends it.
    var lasting = new HashMap<String, List<HistoryRow>>();
    for (var row : begun) {
      if (row.switchedAt().isEmpty()) {
        continue;
      }
      var switched = row.switchedAt().get();
      if (row.rolledBack()) {
        failures.add(
            new FailureRecord(
                row.id(),
                switched,
                Optional.of(row.endedAt()),
                Optional.of(row.id()),
                row.judged() ? Attribution.VERIFICATION : Attribution.PERSON));
      } else if (!row.succeeded()) {
        lasting.computeIfAbsent(row.service(), _ -> new ArrayList<>()).add(row);
      }
      if (row.rollback() && row.succeeded()) {
        row.previous()
            .ifPresent(bad ->
                failures.add(
                    new FailureRecord(
                        bad,
                        row.requestedAt(),
                        Optional.of(switched),
                        Optional.of(row.id()),
                        Attribution.PERSON)));
      }
      if (row.succeeded()) {
        lasting
            .getOrDefault(row.service(), List.of())
            .forEach(
                bad -> failures.add(lasting(bad, Optional.of(switched), Optional.of(row.id()))));
        lasting.remove(row.service());
      }
    }
    lasting
        .values()
        .forEach(bad ->
            bad.forEach(row -> failures.add(lasting(row, Optional.empty(), Optional.empty()))));
    return failures;
  }

  private static FailureRecord lasting(
      HistoryRow row, Optional<Instant> restored, Optional<UUID> remediation) {
    return new FailureRecord(
        row.id(),
        row.switchedAt().orElseThrow(),
        restored,
        remediation,
        row.judged() ? Attribution.VERIFICATION : Attribution.DEPLOYMENT);
  }
}
