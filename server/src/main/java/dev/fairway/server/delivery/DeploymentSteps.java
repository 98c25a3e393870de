package dev.fairway.server.delivery;

import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;

/// Does what brings a deployment from its state to the next: the deed first, which may be repeated,
/// then the transition, which is one transaction with its evidence.
final class DeploymentSteps {
  private final Database database;
  private final Moves moves;
  private final Preparation preparation;
  private final Handover handover;
  private final Watch watch;
  private final WayBack wayBack;
  private final Upkeep upkeep;
  private final CrashObserver crash;

  DeploymentSteps(
      Database database,
      Moves moves,
      Preparation preparation,
      Handover handover,
      Watch watch,
      WayBack wayBack,
      Upkeep upkeep,
      CrashObserver crash) {
    this.database = database;
    this.moves = moves;
    this.preparation = preparation;
    this.handover = handover;
    this.watch = watch;
    this.wayBack = wayBack;
    this.upkeep = upkeep;
    this.crash = crash;
  }

  /// Goes one step.
  ///
  /// @return whether there may be another one to go now
  boolean step(Deployment claimed) throws InterruptedException {
    var seen = moves.seen();
    var work = database.read(tx -> Work.of(tx, claimed.id()));
    if (work.deployment().fence() != claimed.fence()) {
      throw new InterruptedException("the claim is lost");
    }
    return switch (work.deployment().state()) {
      case REQUESTED -> preparation.lookAtRules(work);
      case QUEUED -> preparation.begin(work);
      case STARTING -> preparation.bringUp(work, seen);
      case HEALTHY -> handover.switchOver(work);
      case SWITCHED -> handover.goOn(work);
      case VERIFYING -> watch.look(work, seen);
      case ROLLING_BACK -> wayBack.go(work, seen);
      case WAITING_APPROVAL -> false;
      case SUCCEEDED, FAILED, ROLLED_BACK, REJECTED, CANCELLED, SUPERSEDED -> {
        crash.reached(CrashPoint.ENDED);
        upkeep.tidy(work.environment(), work.service());
        yield false;
      }
    };
  }
}
