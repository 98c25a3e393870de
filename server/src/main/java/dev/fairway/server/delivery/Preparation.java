package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.delivery.Deployment.Kind;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.delivery.target.HealthVerdict;
import java.sql.SQLException;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the request to a healthy process beside the one that has the traffic.
final class Preparation {
  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final String UNIQUE_VIOLATION = "23505";

  private final Moves moves;
  private final Approvals approvals;
  private final Rollout rollout;
  private final CrashObserver crash;

  Preparation(Moves moves, Approvals approvals, Rollout rollout, CrashObserver crash) {
    this.moves = moves;
    this.approvals = approvals;
    this.rollout = rollout;
    this.crash = crash;
  }

  boolean lookAtRules(Work work) {
    return moves.make(
        work,
        tx -> {
          EnvironmentStore.lock(tx, work.environment());
          if (mayStart(tx, work)) {
            moves.write(tx, work, Draft.to(work.deployment(), DeploymentState.QUEUED), "");
          } else {
            letWait(tx, work);
          }
        });
  }

  private boolean mayStart(Handle tx, Work work) {
    return work.deployment().kind() == Kind.ROLLBACK
        || approvals.missing(tx, work.deployment()) == 0;
  }

  private void letWait(Handle tx, Work work) {
    var asked = EnvironmentStore.demand(tx, work.environment()).definition().approvals();
    moves.write(
        tx,
        work,
        Draft.to(work.deployment(), DeploymentState.WAITING_APPROVAL),
        "%d of role %s must approve".formatted(asked.count(), asked.role().word()));
  }

  /// Occupies the service's place in the environment.
  boolean begin(Work work) {
    try {
      var moved = moves.make(work, tx -> occupy(tx, work));
      crash.reached(CrashPoint.BEGUN);
      return moved;
    } catch (JdbiException e) {
      if (!(e.getCause() instanceof SQLException sql
          && UNIQUE_VIOLATION.equals(sql.getSQLState()))) {
        throw e;
      }
      // The index that keeps one deployment per place: another one was faster.
      LOG.debug("The place of deployment {} is taken", work.deployment().id(), e);
      return false;
    }
  }

  private void occupy(Handle tx, Work work) {
    var deployment = work.deployment();
    var environment = EnvironmentStore.lock(tx, work.environment());
    if (!mayStart(tx, work)) {
      // The rules have become stricter while it waited for its place.
      letWait(tx, work);
      return;
    }
    var current =
        DeploymentStore.serving(tx, environment.name(), work.service())
            .map(there -> DeploymentStore.demand(tx, there.deploymentId()))
            .orElse(null);
    var fallback = current;
    if (deployment.kind() == Kind.ROLLBACK) {
      var earlier = fallback(tx, current);
      if (earlier == null || !earlier.releaseId().equals(deployment.releaseId())) {
        var why = "what it was to take back does not run any more";
        moves.write(
            tx,
            work,
            Draft.to(deployment, DeploymentState.SUPERSEDED).end(Outcome.SKIPPED, why),
            why);
        return;
      }
      fallback = fallback(tx, earlier);
    }
    moves.write(
        tx,
        work,
        Draft.to(deployment, DeploymentState.STARTING)
            .start(environment.version(), deployment.id(), id(current), id(fallback)),
        "under version " + environment.version() + " of the rules of " + environment.name());
  }

  private static @Nullable Deployment fallback(Handle tx, @Nullable Deployment deployment) {
    return deployment == null || deployment.fallbackId() == null
        ? null
        : DeploymentStore.demand(tx, deployment.fallbackId());
  }

  private static @Nullable UUID id(@Nullable Deployment deployment) {
    return deployment == null ? null : deployment.id();
  }

  boolean bringUp(Work work, long seen) throws InterruptedException {
    HealthVerdict verdict;
    try {
      rollout.start(work.instance(), work.release(), work.rules());
      verdict = rollout.awaitVerdict(work.instance(), Moves.TICK);
    } catch (FairwayException e) {
      var toBlame = e.code() == ErrorCode.UNPROCESSABLE || e.code() == ErrorCode.TOO_LARGE;
      return moves.fail(work, toBlame ? Outcome.FAILURE : Outcome.ERROR, Moves.words(e));
    }
    return switch (verdict) {
      case HealthVerdict.Healthy healthy -> {
        crash.reached(CrashPoint.PROCESS_HEALTHY);
        yield moves.make(
            work,
            Draft.to(work.deployment(), DeploymentState.HEALTHY),
            "on port " + healthy.instance().port());
      }
      case HealthVerdict.Failed failed ->
          moves.fail(work, Outcome.FAILURE, Moves.firstLine(failed));
      case HealthVerdict.Pending _ -> moves.pause(seen);
    };
  }
}
