package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.Deployment.Kind;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.delivery.Verification.Condition;
import dev.fairway.server.delivery.Verification.Observation;
import dev.fairway.server.delivery.Verification.Result;
import dev.fairway.server.delivery.Verification.Traffic;
import dev.fairway.server.delivery.Verification.Verdict;
import dev.fairway.server.delivery.target.HealthVerdict;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what brings a deployment from its state to the next: the deed first, which may be repeated,
/// then the transition, which is one transaction with its evidence.
final class DeploymentSteps {
  private static final Logger LOG = LoggerFactory.getLogger(DeploymentSteps.class);

  /// How often a process and its traffic are looked at.
  private static final Duration TICK = Duration.ofMillis(200);

  private static final String UNIQUE_VIOLATION = "23505";

  /// How long a switch is tried while the proxy does not answer.
  private static final Duration SWITCH_PATIENCE = Duration.ofSeconds(30);

  private final Database database;
  private final Transitions transitions;
  private final Deployments deployments;
  private final DeploymentEvidence evidence;
  private final Rollout rollout;
  private final Tidying tidying;
  private final Signal signal;
  private final CrashPoint.Observer crash;

  DeploymentSteps(
      Database database,
      Transitions transitions,
      Deployments deployments,
      DeploymentEvidence evidence,
      Rollout rollout,
      Tidying tidying,
      Signal signal,
      CrashPoint.Observer crash) {
    this.database = database;
    this.transitions = transitions;
    this.deployments = deployments;
    this.evidence = evidence;
    this.rollout = rollout;
    this.tidying = tidying;
    this.signal = signal;
    this.crash = crash;
  }

  /// A deployment with what is needed to work on it.
  private record Work(Deployment deployment, Release release, EnvironmentDefinition rules) {
    UUID instance() {
      return Objects.requireNonNull(deployment.instanceId());
    }
  }

  /// Goes one step.
  ///
  /// @return whether there may be another one to go now
  boolean step(Deployment claimed) throws InterruptedException {
    var seen = signal.count();
    var work = database.read(tx -> work(tx, claimed.id()));
    if (work.deployment().fence() != claimed.fence()) {
      throw new InterruptedException("the claim is lost");
    }
    return switch (work.deployment().state()) {
      case REQUESTED -> lookAtRules(work);
      case QUEUED -> begin(work);
      case STARTING -> bringUp(work, seen);
      case HEALTHY -> switchOver(work);
      case SWITCHED -> afterSwitch(work);
      case VERIFYING -> verify(work, seen);
      case ROLLING_BACK -> goBack(work, seen);
      case WAITING_APPROVAL -> false;
      case SUCCEEDED, FAILED, ROLLED_BACK, REJECTED, CANCELLED, SUPERSEDED -> {
        crash.reached(CrashPoint.ENDED);
        tidying.tidy(work.deployment().environment(), work.deployment().service());
        yield false;
      }
    };
  }

  private Work work(Handle tx, UUID id) {
    var deployment = DeploymentStore.demand(tx, id);
    var version = deployment.environmentVersion();
    var rules =
        version == null
            ? EnvironmentStore.demand(tx, deployment.environment()).definition()
            : EnvironmentStore.version(tx, deployment.environment(), version);
    return new Work(
        deployment, ReleaseStore.published(tx, deployment.releaseId()).orElseThrow(), rules);
  }

  private boolean lookAtRules(Work work) {
    return move(
        work,
        tx -> {
          var deployment = work.deployment();
          var approvals =
              EnvironmentStore.lock(tx, deployment.environment()).definition().approvals();
          if (deployment.kind() == Kind.ROLLBACK || approvals.count() == 0) {
            transitions.move(
                tx,
                deployment,
                Draft.to(deployment, DeploymentState.QUEUED),
                "",
                Deployments.FAIRWAY);
            return;
          }
          transitions.move(
              tx,
              deployment,
              Draft.to(deployment, DeploymentState.WAITING_APPROVAL),
              "%d of role %s must approve".formatted(approvals.count(), approvals.role().word()),
              Deployments.FAIRWAY);
        });
  }

  /// Occupies the service's place in the environment.
  private boolean begin(Work work) {
    try {
      var moved = move(work, tx -> occupy(tx, work.deployment()));
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

  private void occupy(Handle tx, Deployment deployment) {
    var environment = EnvironmentStore.lock(tx, deployment.environment());
    var serving = DeploymentStore.serving(tx, environment.name(), deployment.service());
    var current =
        serving.map(there -> DeploymentStore.demand(tx, there.deploymentId())).orElse(null);
    var fallback = current;
    if (deployment.kind() == Kind.ROLLBACK) {
      var earlier =
          current == null || current.fallbackId() == null
              ? null
              : DeploymentStore.demand(tx, current.fallbackId());
      if (earlier == null || !earlier.releaseId().equals(deployment.releaseId())) {
        var why = "what it was to take back does not run any more";
        transitions.move(
            tx,
            deployment,
            Draft.to(deployment, DeploymentState.SUPERSEDED).end(Outcome.SKIPPED, why),
            why,
            Deployments.FAIRWAY);
        return;
      }
      fallback =
          earlier.fallbackId() == null ? null : DeploymentStore.demand(tx, earlier.fallbackId());
    }
    transitions.move(
        tx,
        deployment,
        Draft.to(deployment, DeploymentState.STARTING)
            .start(environment.version(), deployment.id(), id(current), id(fallback)),
        "under version " + environment.version() + " of the rules of " + environment.name(),
        Deployments.FAIRWAY);
  }

  private static @Nullable UUID id(@Nullable Deployment deployment) {
    return deployment == null ? null : deployment.id();
  }

  private boolean bringUp(Work work, long seen) throws InterruptedException {
    HealthVerdict verdict;
    try {
      rollout.start(work.instance(), work.release(), work.rules());
      verdict = rollout.awaitVerdict(work.instance(), TICK);
    } catch (FairwayException e) {
      var toBlame = e.code() == ErrorCode.UNPROCESSABLE || e.code() == ErrorCode.TOO_LARGE;
      return fail(work, toBlame ? Outcome.FAILURE : Outcome.ERROR, words(e));
    }
    return switch (verdict) {
      case HealthVerdict.Healthy healthy -> {
        crash.reached(CrashPoint.PROCESS_HEALTHY);
        yield move(
            work,
            tx ->
                transitions.move(
                    tx,
                    work.deployment(),
                    Draft.to(work.deployment(), DeploymentState.HEALTHY),
                    "on port " + healthy.instance().port(),
                    Deployments.FAIRWAY));
      }
      case HealthVerdict.Failed failed -> fail(work, Outcome.FAILURE, firstLine(failed));
      case HealthVerdict.Pending _ -> {
        signal.await(seen, TICK);
        yield true;
      }
    };
  }

  /// What went wrong, without the end of the process's log: that is on the page, and what a service
  /// prints does not belong into the ledger.
  private static String firstLine(HealthVerdict.Failed failed) {
    return failed.reason().lines().findFirst().orElse("it failed");
  }

  private static String words(FairwayException failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.code().id());
  }

  /// Ends a deployment that never had the traffic; what had it still has it.
  private boolean fail(Work work, Outcome outcome, String reason) {
    return move(
        work,
        tx ->
            transitions.move(
                tx,
                work.deployment(),
                Draft.to(work.deployment(), DeploymentState.FAILED).end(outcome, reason),
                "nothing was switched",
                Deployments.FAIRWAY));
  }

  private boolean switchOver(Work work) throws InterruptedException {
    var deployment = work.deployment();
    try {
      rollout.switchTraffic(work.instance(), deployment.service(), work.rules());
    } catch (FairwayException e) {
      return switchFailed(work, e);
    }
    crash.reached(CrashPoint.TRAFFIC_SWITCHED);
    return move(
        work,
        tx -> {
          var switched =
              transitions.move(
                  tx,
                  deployment,
                  Draft.to(deployment, DeploymentState.SWITCHED),
                  "",
                  Deployments.FAIRWAY);
          DeploymentStore.serve(tx, switched, switched.changedAt());
        });
  }

  /// A process that is gone fails its deployment; a proxy that does not answer gets some time. What
  /// is not known to be switched back is never called failed.
  private boolean switchFailed(Work work, FairwayException failure) throws InterruptedException {
    var deployment = work.deployment();
    if (failure.code() == ErrorCode.CONFLICT) {
      if (rollout.hasTraffic(work.instance(), deployment.environment(), deployment.service())) {
        throw failure;
      }
      return fail(work, Outcome.FAILURE, words(failure));
    }
    if (transitions.now().isBefore(deployment.changedAt().plus(SWITCH_PATIENCE))) {
      signal.await(signal.count(), TICK);
      return true;
    }
    return fail(work, Outcome.ERROR, words(failure));
  }

  private boolean afterSwitch(Work work) {
    var deployment = work.deployment();
    return move(
        work,
        tx -> {
          if (deployment.kind() == Kind.PROMOTION) {
            transitions.move(
                tx,
                deployment,
                Draft.to(deployment, DeploymentState.VERIFYING),
                "for " + Durations.text(work.rules().verification().duration()),
                Deployments.FAIRWAY);
            return;
          }
          var done =
              transitions.move(
                  tx,
                  deployment,
                  Draft.to(deployment, DeploymentState.SUCCEEDED)
                      .end(Outcome.SUCCESS, deployment.reason()),
                  "it was verified here before",
                  Deployments.FAIRWAY);
          evidence.rolledBack(tx, done, done.previousId(), done.id(), false, done.reason());
        });
  }

  private boolean verify(Work work, long seen) throws InterruptedException {
    var deployment = work.deployment();
    var observation = observe(work);
    var verdict = new Verification(work.rules().verification()).judge(observation);
    if (verdict.isEmpty()) {
      signal.await(seen, TICK);
      return true;
    }
    crash.reached(CrashPoint.JUDGED);
    return move(work, tx -> conclude(tx, work, deployment, verdict.get()));
  }

  private Observation observe(Work work) {
    var deployment = work.deployment();
    var since = Objects.requireNonNull(deployment.switchedAt());
    var environment = deployment.environment();
    var fallback = deployment.fallbackId();
    var before =
        fallback == null
            ? null
            : database.<@Nullable UUID>read(
                tx -> DeploymentStore.demand(tx, fallback).instanceId());
    var condition = rollout.condition(work.instance());
    try {
      return new Observation(
          Duration.between(since, transitions.now()),
          condition,
          rollout.traffic(work.instance(), environment, deployment.service()),
          before == null
              ? Traffic.NONE
              : rollout.traffic(before, environment, deployment.service()));
    } catch (FairwayException e) {
      // Without the proxy nobody knows the traffic; the process's own health can still be judged.
      LOG.warn("The traffic of {} is not known: {}", deployment.service(), e.getMessage());
      var elapsed =
          condition == Condition.HEALTHY
              ? Duration.ZERO
              : Duration.between(since, transitions.now());
      return new Observation(elapsed, condition, Traffic.NONE, Traffic.NONE);
    }
  }

  private void conclude(Handle tx, Work work, Deployment deployment, Verdict verdict) {
    evidence.verified(tx, deployment, work.release(), work.rules(), verdict);
    var passed = verdict.result() != Result.FAILED;
    if (!passed && deployment.fallbackId() != null) {
      transitions.move(
          tx,
          deployment,
          Draft.to(deployment, DeploymentState.ROLLING_BACK)
              .verdict(verdict)
              .because(verdict.words()),
          verdict.words(),
          Deployments.FAIRWAY);
      return;
    }
    if (!passed) {
      transitions.move(
          tx,
          deployment,
          Draft.to(deployment, DeploymentState.FAILED)
              .verdict(verdict)
              .end(
                  Outcome.FAILURE,
                  verdict.words() + ". Nothing ran here before, so it keeps the traffic"),
          verdict.words(),
          Deployments.FAIRWAY);
      return;
    }
    transitions.move(
        tx,
        deployment,
        Draft.to(deployment, DeploymentState.SUCCEEDED)
            .verdict(verdict)
            .end(Outcome.SUCCESS, verdict.words()),
        verdict.words(),
        Deployments.FAIRWAY);
    deployments.onward(tx, work.release(), work.rules().order());
  }

  /// Gives the traffic back to the earlier release, whose process is still warm.
  private boolean goBack(Work work, long seen) throws InterruptedException {
    var deployment = work.deployment();
    var earlier = database.read(tx -> work(tx, Objects.requireNonNull(deployment.fallbackId())));
    try {
      if (!rollout.hasTraffic(earlier.instance(), deployment.environment(), deployment.service())) {
        rollout.start(earlier.instance(), earlier.release(), earlier.rules());
        switch (rollout.awaitVerdict(earlier.instance(), TICK)) {
          case HealthVerdict.Healthy _ -> {
            // It takes the traffic below.
          }
          case HealthVerdict.Pending _ -> {
            signal.await(seen, TICK);
            return true;
          }
          case HealthVerdict.Failed failed -> {
            return cannotGoBack(work, firstLine(failed));
          }
        }
        rollout.switchTraffic(earlier.instance(), deployment.service(), work.rules());
      }
    } catch (FairwayException e) {
      if (transitions.now().isBefore(deployment.changedAt().plus(SWITCH_PATIENCE))) {
        LOG.warn("Going back is tried again: {}", e.getMessage());
        signal.await(signal.count(), TICK);
        return true;
      }
      return cannotGoBack(work, words(e));
    }
    crash.reached(CrashPoint.TRAFFIC_BACK);
    return move(
        work,
        tx -> {
          var done =
              transitions.move(
                  tx,
                  deployment,
                  Draft.to(deployment, DeploymentState.ROLLED_BACK)
                      .end(Outcome.FAILURE, deployment.reason()),
                  earlier.release().title() + " has the traffic again",
                  Deployments.FAIRWAY);
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

  private boolean cannotGoBack(Work work, String reason) {
    return move(
        work,
        tx ->
            transitions.move(
                tx,
                work.deployment(),
                Draft.to(work.deployment(), DeploymentState.FAILED)
                    .end(
                        Outcome.ERROR,
                        work.deployment().reason()
                            + ". The earlier release could not take the traffic: "
                            + reason),
                "it keeps the traffic",
                Deployments.FAIRWAY));
  }

  /// Makes a transition; where the deployment has moved on meanwhile, it is looked at again.
  private boolean move(Work work, Consumer<Handle> transition) {
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
}
