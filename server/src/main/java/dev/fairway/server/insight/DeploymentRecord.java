package dev.fairway.server.insight;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// One deployment of one service to the production tier, as the metrics see it.
///
/// @param digest identifies what was deployed: the same twice is a re-deployment
/// @param succeeded whether it ended as the release that serves; a later failure does not change it
/// @param exposed whether users' traffic reached it
/// @param rolledBack whether it gave the traffic back to the release before: a rollback that is no
///   deployment of its own
/// @param remediates the failed deployments that it was made to repair
record DeploymentRecord(
    UUID id,
    String service,
    String commit,
    String digest,
    Instant started,
    Instant finished,
    boolean succeeded,
    boolean exposed,
    boolean rolledBack,
    Intent intent,
    List<UUID> remediates) {

  /// Why somebody deployed.
  enum Intent {
    /// A change that was going to production anyway.
    PLANNED,
    /// Because of an incident or a bug that users saw, as a revert or a hotfix is.
    UNPLANNED,
    /// Back to an earlier release.
    ROLLBACK
  }

  DeploymentRecord {
    remediates = List.copyOf(remediates);
    if (finished.isBefore(started)) {
      throw new IllegalArgumentException("deployment " + id + " finished before it started");
    }
  }

  /// Whether a failure made it necessary.
  boolean remediation() {
    return intent != Intent.PLANNED || !remediates.isEmpty();
  }
}
