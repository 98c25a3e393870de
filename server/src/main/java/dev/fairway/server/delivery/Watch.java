package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.delivery.Verification.Condition;
import dev.fairway.server.delivery.Verification.Observation;
import dev.fairway.server.delivery.Verification.Result;
import dev.fairway.server.delivery.Verification.Traffic;
import dev.fairway.server.delivery.Verification.Verdict;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The new process is watched under traffic until there is a verdict.
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final Database database;
  private final Moves moves;
  private final Deployments deployments;
  private final DeploymentEvidence evidence;
  private final Rollout rollout;
  private final CrashObserver crash;

  Watch(
      Database database,
      Moves moves,
      Deployments deployments,
      DeploymentEvidence evidence,
      Rollout rollout,
      CrashObserver crash) {
    this.database = database;
    this.moves = moves;
    this.deployments = deployments;
    this.evidence = evidence;
    this.rollout = rollout;
    this.crash = crash;
  }

  boolean look(Work work, long seen) throws InterruptedException {
    var verdict = new Verification(work.rules().verification()).judge(observe(work));
    if (verdict.isEmpty()) {
      return moves.pause(seen);
    }
    crash.reached(CrashPoint.JUDGED);
    return moves.make(work, tx -> conclude(tx, work, verdict.get()));
  }

  private Observation observe(Work work) {
    var elapsed =
        Duration.between(Objects.requireNonNull(work.deployment().switchedAt()), moves.now());
    var condition = rollout.condition(work.instance());
    var former = former(work.deployment());
    try {
      return new Observation(
          elapsed,
          condition,
          rollout.traffic(work.instance(), work.environment(), work.service()),
          former == null
              ? Traffic.NONE
              : rollout.traffic(former, work.environment(), work.service()));
    } catch (FairwayException e) {
      // Without the proxy nobody knows the traffic; the process's own health can still be judged.
      LOG.warn("The traffic of {} is not known: {}", work.service(), e.getMessage());
      return new Observation(
          condition == Condition.HEALTHY ? Duration.ZERO : elapsed,
          condition,
          Traffic.NONE,
          Traffic.NONE);
    }
  }

  /// The process that had the traffic before; null where there was none.
  private @Nullable UUID former(Deployment deployment) {
    var fallback = deployment.fallbackId();
    return fallback == null
        ? null
        : database.<@Nullable UUID>read(tx -> DeploymentStore.demand(tx, fallback).instanceId());
  }

  private void conclude(Handle tx, Work work, Verdict verdict) {
    var deployment = work.deployment();
    evidence.verified(tx, deployment, work.release(), work.rules(), verdict);
    if (verdict.result() != Result.FAILED) {
      moves.write(
          tx,
          work,
          Draft.to(deployment, DeploymentState.SUCCEEDED)
              .verdict(verdict)
              .end(Outcome.SUCCESS, verdict.words()),
          verdict.words());
      // By the present path: the environment may have another place on it than when this started.
      var place = EnvironmentStore.demand(tx, work.environment()).definition();
      deployments.onward(tx, work.release(), place.order());
    } else if (deployment.fallbackId() != null) {
      moves.write(
          tx,
          work,
          Draft.to(deployment, DeploymentState.ROLLING_BACK)
              .verdict(verdict)
              .because(verdict.words()),
          verdict.words());
    } else {
      moves.write(
          tx,
          work,
          Draft.to(deployment, DeploymentState.FAILED)
              .verdict(verdict)
              .end(
                  Outcome.FAILURE,
                  verdict.words() + ". Nothing ran here before, so it keeps the traffic"),
          verdict.words());
    }
  }
}
