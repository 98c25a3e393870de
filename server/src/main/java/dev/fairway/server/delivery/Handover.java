package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.delivery.Deployment.Kind;
import dev.fairway.server.delivery.Transitions.Draft;

/// The traffic goes to the new process.
final class Handover {
  private final Moves moves;
  private final DeploymentEvidence evidence;
  private final Rollout rollout;
  private final CrashObserver crash;

  Handover(Moves moves, DeploymentEvidence evidence, Rollout rollout, CrashObserver crash) {
    this.moves = moves;
    this.evidence = evidence;
    this.rollout = rollout;
    this.crash = crash;
  }

  boolean switchOver(Work work) throws InterruptedException {
    try {
      rollout.switchTraffic(work.instance(), work.service(), work.rules());
    } catch (FairwayException e) {
      return failed(work, e);
    }
    crash.reached(CrashPoint.TRAFFIC_SWITCHED);
    return moves.make(
        work,
        tx -> {
          var switched =
              moves.write(tx, work, Draft.to(work.deployment(), DeploymentState.SWITCHED), "");
          DeploymentStore.serve(tx, switched, switched.changedAt());
        });
  }

  /// A process that is gone fails its deployment; a proxy that does not answer gets some time.
  /// Should it turn out later that the proxy did switch, [Upkeep] takes the traffic back.
  private boolean failed(Work work, FairwayException failure) throws InterruptedException {
    if (failure.code() == ErrorCode.CONFLICT) {
      if (rollout.hasTraffic(work.instance(), work.environment(), work.service())) {
        throw failure;
      }
      return moves.fail(work, Outcome.FAILURE, Moves.words(failure));
    }
    if (moves.now().isBefore(work.deployment().changedAt().plus(Moves.PATIENCE))) {
      return moves.pause(moves.seen());
    }
    return moves.fail(work, Outcome.ERROR, Moves.words(failure));
  }

  boolean goOn(Work work) {
    var deployment = work.deployment();
    if (deployment.kind() == Kind.PROMOTION) {
      return moves.make(
          work,
          Draft.to(deployment, DeploymentState.VERIFYING),
          "for " + Durations.text(work.rules().verification().duration()));
    }
    return moves.make(
        work,
        tx -> {
          var done =
              moves.write(
                  tx,
                  work,
                  Draft.to(deployment, DeploymentState.SUCCEEDED)
                      .end(Outcome.SUCCESS, deployment.reason()),
                  "it was verified here before");
          evidence.rolledBack(tx, done, done.previousId(), done.id(), false, done.reason());
        });
  }
}
