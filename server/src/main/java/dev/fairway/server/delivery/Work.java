package dev.fairway.server.delivery;

import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// A deployment with what is needed to work on it.
///
/// @param rules the environment's, in the version that the deployment runs under; the present ones
///   before it starts
record Work(Deployment deployment, Release release, EnvironmentDefinition rules) {
  static Work of(Handle tx, UUID id) {
    var deployment = DeploymentStore.demand(tx, id);
    var version = deployment.environmentVersion();
    var rules =
        version == null
            ? EnvironmentStore.demand(tx, deployment.environment()).definition()
            : EnvironmentStore.version(tx, deployment.environment(), version);
    return new Work(
        deployment, ReleaseStore.published(tx, deployment.releaseId()).orElseThrow(), rules);
  }

  String environment() {
    return deployment.environment();
  }

  String service() {
    return deployment.service();
  }

  /// The process of a deployment that has started.
  UUID instance() {
    return Objects.requireNonNull(deployment.instanceId());
  }
}
