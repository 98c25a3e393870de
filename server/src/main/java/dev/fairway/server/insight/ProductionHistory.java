package dev.fairway.server.insight;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What the metrics are computed from: the deployments of the production tier with their commits
/// and failures.
///
/// @param environment the production tier; empty where there is no environment yet
/// @param services all that ever went there, by name
/// @param details of each deployment, for people
/// @param commits of the deployments in the window
/// @param neverBegan deployments of the window that ended before anything was started: superseded,
///   rejected, cancelled
/// @param unread deployments whose commits cannot be told, with the reason
record ProductionHistory(
    Optional<String> environment,
    List<String> services,
    List<DeploymentRecord> deployments,
    Map<UUID, Detail> details,
    List<CommitRecord> commits,
    List<FailureRecord> failures,
    long neverBegan,
    Map<UUID, String> unread) {

  /// What people want to know of a deployment beside its figures.
  ///
  /// @param state the word that it ended with
  record Detail(String version, String state, String requestedBy, Optional<Instant> switchedAt) {}

  ProductionHistory {
    services = List.copyOf(services);
    deployments = List.copyOf(deployments);
    details = Map.copyOf(details);
    commits = List.copyOf(commits);
    failures = List.copyOf(failures);
    unread = Map.copyOf(unread);
  }
}
