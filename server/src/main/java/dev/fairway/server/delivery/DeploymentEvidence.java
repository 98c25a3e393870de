package dev.fairway.server.delivery;

import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What the ledger says about verdicts and rollbacks.
final class DeploymentEvidence {
  /// What was watched, against which rules, and what came of it.
  ///
  /// @param current requests and failures of the new version since the switch
  /// @param before the same of the version before, while it had the traffic
  /// @param pValue one-sided Fisher's exact test; 1 where there was nothing to compare
  record VerificationPredicate(
      UUID deployment,
      String environment,
      String service,
      String version,
      String releaseDigest,
      Verification.Result result,
      String verdict,
      VerificationRules rules,
      Instant switchedAt,
      Duration watched,
      Verification.Traffic current,
      Verification.Traffic before,
      double pValue,
      double significance) {}

  /// Traffic went back.
  ///
  /// @param automatic whether a verdict did it, rather than a person
  /// @param decidedAt when the verdict or the person said so
  /// @param servedAt when the earlier release had the traffic again
  record RollbackPredicate(
      UUID deployment,
      String environment,
      String service,
      Version from,
      Version to,
      boolean automatic,
      String reason,
      String requestedBy,
      Instant decidedAt,
      Instant servedAt) {}

  /// A release as a rollback names it.
  record Version(UUID release, String version, String digest, String commit) {
    static Version of(Release release) {
      return new Version(release.id(), release.version(), release.digest(), release.commit());
    }
  }

  private final Evidence evidence;
  private final InstantSource clock;

  DeploymentEvidence(Evidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  void verified(
      Handle tx,
      Deployment deployment,
      Release release,
      EnvironmentDefinition rules,
      Verification.Verdict verdict) {
    var switchedAt = Objects.requireNonNull(deployment.switchedAt());
    evidence.record(
        tx,
        new Statement(
            PredicateType.VERIFICATION,
            Transitions.subjects(release),
            new VerificationPredicate(
                deployment.id(),
                deployment.environment(),
                deployment.service(),
                release.version(),
                release.digest(),
                verdict.result(),
                verdict.words(),
                rules.verification(),
                switchedAt,
                Duration.between(switchedAt, clock.instant()),
                verdict.current(),
                verdict.before(),
                verdict.pValue(),
                Verification.SIGNIFICANCE),
            Transitions.about(deployment, release),
            Deployments.FAIRWAY));
  }

  /// @param from the deployment that lost the traffic
  /// @param to the deployment that got it
  void rolledBack(
      Handle tx,
      Deployment deployment,
      @Nullable UUID from,
      UUID to,
      boolean automatic,
      String reason) {
    var bad = release(tx, Objects.requireNonNull(from));
    var good = release(tx, to);
    var decided =
        DeploymentStore.steps(tx, deployment.id()).stream()
            .filter(step ->
                step.state() == DeploymentState.ROLLING_BACK
                    || step.state() == DeploymentState.REQUESTED)
            .reduce((_, last) -> last)
            .orElseThrow();
    var about = new HashSet<>(Transitions.about(deployment, bad));
    about.addAll(Transitions.about(deployment, good));
    var subjects = new HashSet<>(Transitions.subjects(bad));
    subjects.addAll(Transitions.subjects(good));
    var person = decided.actor();
    evidence.record(
        tx,
        new Statement(
            PredicateType.ROLLBACK,
            subjects.stream().toList(),
            new RollbackPredicate(
                deployment.id(),
                deployment.environment(),
                deployment.service(),
                Version.of(bad),
                Version.of(good),
                automatic,
                reason,
                person,
                decided.at(),
                deployment.state() == DeploymentState.ROLLED_BACK
                    ? deployment.changedAt()
                    : Objects.requireNonNull(deployment.switchedAt())),
            about,
            person));
  }

  private static Release release(Handle tx, UUID deployment) {
    return ReleaseStore.published(tx, DeploymentStore.demand(tx, deployment).releaseId())
        .orElseThrow();
  }
}
