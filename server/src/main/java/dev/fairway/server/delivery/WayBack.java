package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.delivery.target.HealthVerdict;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The traffic goes back to the earlier release, whose process is still warm.
final class WayBack {
  private static final Logger LOG = LoggerFactory.getLogger(WayBack.class);

  private final Database database;
  private final Moves moves;
  private final DeploymentEvidence evidence;
  private final Rollout rollout;
  private final CrashObserver crash;

  WayBack(
      Database database,
      Moves moves,
      DeploymentEvidence evidence,
      Rollout rollout,
      CrashObserver crash) {
    this.database = database;
    this.moves = moves;
    this.evidence = evidence;
    this.rollout = rollout;
    this.crash = crash;
  }

  boolean go(Work work, long seen) throws InterruptedException {
    var earlier =
        database.read(tx -> Work.of(tx, Objects.requireNonNull(work.deployment().fallbackId())));
    try {
      if (!rollout.hasTraffic(earlier.instance(), work.environment(), work.service())) {
        rollout.start(earlier.instance(), earlier.release(), earlier.rules());
        switch (rollout.awaitVerdict(earlier.instance(), Moves.TICK)) {
          case HealthVerdict.Healthy _ -> {
            // It takes the traffic below.
          }
          case HealthVerdict.Pending _ -> {
            return isPatient(work, earlier)
                ? moves.pause(seen)
                : giveUp(work, "it does not get healthy");
          }
          case HealthVerdict.Failed failed -> {
            return giveUp(work, Moves.firstLine(failed));
          }
        }
        rollout.switchTraffic(earlier.instance(), work.service(), work.rules());
      }
    } catch (FairwayException e) {
      if (!isPatient(work, earlier)) {
        return giveUp(work, Moves.words(e));
      }
      LOG.warn("Going back is tried again: {}", e.getMessage());
      return moves.pause(moves.seen());
    }
    crash.reached(CrashPoint.TRAFFIC_BACK);
    return arrived(work, earlier);
  }

  /// A process that has to be started again may take as long as its definition says.
  private boolean isPatient(Work work, Work earlier) {
    var patience = Moves.PATIENCE.plus(earlier.release().definition().health().start());
    return moves.now().isBefore(work.deployment().changedAt().plus(patience));
  }

  private boolean arrived(Work work, Work earlier) {
    var deployment = work.deployment();
    return moves.make(
        work,
        tx -> {
          var done =
              moves.write(
                  tx,
                  work,
                  Draft.to(deployment, DeploymentState.ROLLED_BACK)
                      .end(Outcome.FAILURE, deployment.reason()),
                  earlier.release().title() + " has the traffic again");
          DeploymentStore.serve(tx, earlier.deployment(), done.changedAt());
          evidence.rolledBack(
              tx,
              done,
              done.id(),
              earlier.deployment().id(),
              done.verdict() != null,
              done.reason());
        });
  }

  private boolean giveUp(Work work, String reason) {
    return moves.make(
        work,
        Draft.to(work.deployment(), DeploymentState.FAILED)
            .end(
                Outcome.ERROR,
                work.deployment().reason()
                    + ". The earlier release could not take the traffic: "
                    + reason),
        "it keeps the traffic");
  }
}
