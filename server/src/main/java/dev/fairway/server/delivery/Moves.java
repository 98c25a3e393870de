package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.delivery.target.HealthVerdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the steps of a deployment write what they have done.
final class Moves {
  private static final Logger LOG = LoggerFactory.getLogger(Moves.class);

  /// How often a process and its traffic are looked at.
  static final Duration TICK = Duration.ofMillis(200);

  /// How long something is tried again while the proxy does not answer.
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final Transitions transitions;
  private final Signal signal;

  Moves(Database database, Transitions transitions, Signal signal) {
    this.database = database;
    this.transitions = transitions;
    this.signal = signal;
  }

  Instant now() {
    return transitions.now();
  }

  /// How often something has changed; see [#pause].
  long seen() {
    return signal.count();
  }

  /// Waits until something changes that was not `seen`, at most for a tick.
  ///
  /// @return that there is something to do again
  boolean pause(long seen) throws InterruptedException {
    signal.await(seen, TICK);
    return true;
  }

  /// Makes a transition in a transaction of its own; where the deployment has moved on meanwhile,
  /// it is looked at again.
  ///
  /// @return that there is something to do again
  boolean make(Work work, Consumer<Handle> transition) {
    try {
      database.run(transition);
    } catch (FairwayException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      LOG.info("Deployment {} has moved on", work.deployment().id());
    }
    return true;
  }

  /// As [#make], for a transition that Fairway makes by itself and that is all there is to write.
  boolean make(Work work, Draft next, String note) {
    return make(work, tx -> write(tx, work, next, note));
  }

  /// Writes a transition that Fairway makes by itself.
  Deployment write(Handle tx, Work work, Draft next, String note) {
    return transitions.move(tx, work.deployment(), next, note, Deployments.FAIRWAY);
  }

  /// Ends a deployment that never had the traffic; what had it still has it.
  boolean fail(Work work, Outcome outcome, String reason) {
    return make(
        work,
        Draft.to(work.deployment(), DeploymentState.FAILED).end(outcome, reason),
        "nothing was switched");
  }

  /// What went wrong, without the end of the process's log: that is on the page, and what a service
  /// prints does not belong into the ledger.
  static String firstLine(HealthVerdict.Failed failed) {
    return failed.reason().lines().findFirst().orElse("it failed");
  }

  static String words(FairwayException failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.code().id());
  }
}
