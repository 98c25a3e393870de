package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.web.LiveEvents;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Moves deployments from state to state: the row, the step of its way, the entry in the ledger and
/// the word to whoever waits for it, in the caller's transaction.
final class Transitions {
  /// Wakes the drivers, with the deployment's id.
  static final String CHANNEL = "deployment";

  /// What the ledger says about each state that a deployment reached.
  ///
  /// @param from the state before; null for the first
  /// @param previousVersion the release that had the traffic before; null where none had
  record DeploymentPredicate(
      UUID deployment,
      DeploymentState state,
      @Nullable DeploymentState from,
      Deployment.Kind kind,
      String environment,
      @Nullable Integer environmentVersion,
      String service,
      UUID release,
      String version,
      String releaseDigest,
      String commit,
      UUID project,
      String requestedBy,
      Instant requestedAt,
      Instant at,
      @Nullable Instant switchedAt,
      @Nullable Outcome outcome,
      String reason,
      @Nullable String previousVersion) {}

  private final Evidence evidence;
  private final InstantSource clock;

  Transitions(Evidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  /// Writes a deployment's first state.
  void begin(Handle tx, Deployment deployment) {
    DeploymentStore.insert(tx, deployment);
    note(tx, deployment, null, deployment.reason(), deployment.requestedBy());
  }

  /// Writes `next`, which differs from `from` in its state and what belongs to that.
  ///
  /// @param note for the way of the deployment; one sentence or empty
  /// @param actor who or what did it
  /// @throws FairwayException CONFLICT where the deployment is not any more what `from` says
  Deployment move(Handle tx, Deployment from, Draft draft, String note, String actor) {
    var next = draft.build(clock.instant());
    if (!from.state().mayBecome(next.state())) {
      throw new IllegalStateException(
          "a deployment that is " + from.state().word() + " never becomes " + next.state().word());
    }
    if (!DeploymentStore.update(tx, next, from.state())) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The deployment is not " + from.state().word() + " any more",
          "Look at it again.");
    }
    note(tx, next, from.state(), note, actor);
    return next;
  }

  private void note(
      Handle tx, Deployment deployment, @Nullable DeploymentState from, String note, String actor) {
    DeploymentStore.addStep(
        tx,
        deployment.id(),
        new Deployment.Step(deployment.state(), note, actor, deployment.changedAt()));
    var release = ReleaseStore.published(tx, deployment.releaseId()).orElseThrow();
    evidence.record(
        tx,
        new Statement(
            PredicateType.DEPLOYMENT,
            subjects(release),
            predicate(tx, deployment, release, from),
            about(deployment, release),
            actor));
    tell(tx, deployment);
  }

  /// Tells drivers and open pages.
  static void tell(Handle tx, Deployment deployment) {
    Database.notify(tx, CHANNEL, deployment.id().toString());
    LiveEvents.publish(tx, "deployment:" + deployment.id());
    LiveEvents.publish(tx, "release:" + deployment.releaseId());
    LiveEvents.publish(tx, "project:" + deployment.projectId());
    LiveEvents.publish(tx, "environments");
  }

  /// What every statement about a deployment is about: the release and the commit that it is of.
  static List<Subject> subjects(Release release) {
    return List.of(
        Subject.sha256(release.title(), release.digest()),
        Subject.commit(release.project(), release.commit()));
  }

  static Set<String> about(Deployment deployment, Release release) {
    return Set.of(
        deployment.reference(),
        release.reference(),
        "run:" + release.runId(),
        "project:" + release.projectId(),
        "commit:" + release.commit(),
        "environment:" + deployment.environment());
  }

  private static DeploymentPredicate predicate(
      Handle tx, Deployment deployment, Release release, @Nullable DeploymentState from) {
    var previous =
        deployment.previousId() == null
            ? null
            : ReleaseStore.published(
                    tx, DeploymentStore.demand(tx, deployment.previousId()).releaseId())
                .orElseThrow()
                .version();
    return new DeploymentPredicate(
        deployment.id(),
        deployment.state(),
        from,
        deployment.kind(),
        deployment.environment(),
        deployment.environmentVersion(),
        deployment.service(),
        release.id(),
        release.version(),
        release.digest(),
        release.commit(),
        release.projectId(),
        deployment.requestedBy(),
        deployment.requestedAt(),
        deployment.changedAt(),
        deployment.switchedAt(),
        deployment.outcome(),
        deployment.reason(),
        previous);
  }

  /// A deployment's next state in the making.
  static final class Draft {
    private final Deployment from;
    private final DeploymentState state;
    private @Nullable Integer environmentVersion;
    private @Nullable UUID instanceId;
    private @Nullable UUID previousId;
    private @Nullable UUID fallbackId;
    private Verification.@Nullable Verdict verdict;
    private @Nullable Outcome outcome;
    private String reason;

    private Draft(Deployment from, DeploymentState state) {
      this.from = from;
      this.state = state;
      this.environmentVersion = from.environmentVersion();
      this.instanceId = from.instanceId();
      this.previousId = from.previousId();
      this.fallbackId = from.fallbackId();
      this.verdict = from.verdict();
      this.outcome = from.outcome();
      this.reason = from.reason();
    }

    static Draft to(Deployment from, DeploymentState state) {
      return new Draft(from, state);
    }

    /// What it starts with: the rules, its process, and what had the traffic before.
    Draft start(int rulesVersion, UUID instance, @Nullable UUID previous, @Nullable UUID fallback) {
      environmentVersion = rulesVersion;
      instanceId = instance;
      previousId = previous;
      fallbackId = fallback;
      return this;
    }

    Draft verdict(Verification.Verdict given) {
      verdict = given;
      return this;
    }

    Draft because(String why) {
      reason = why;
      return this;
    }

    Draft end(Outcome how, String why) {
      outcome = how;
      reason = why;
      return this;
    }

    private Deployment build(Instant now) {
      return new Deployment(
          from.id(),
          from.releaseId(),
          from.projectId(),
          from.service(),
          from.environment(),
          environmentVersion,
          from.kind(),
          state,
          reason,
          outcome,
          from.requestedBy(),
          from.requestedById(),
          from.requestedAt(),
          now,
          state == DeploymentState.SWITCHED ? now : from.switchedAt(),
          state.terminal() ? now : null,
          instanceId,
          previousId,
          fallbackId,
          verdict,
          from.fence());
    }
  }
}
