package dev.fairway.server.evidence;

import dev.fairway.ledger.Erasure;
import dev.fairway.ledger.Population;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What an entry of the ledger says, by the URI of its in-toto predicate.
///
/// A standard predicate is used where one exists; the others are ours and have a JSON Schema each,
/// `schema/attestation/NAME.vN.json`.
public enum PredicateType {
  /// Somebody pushed commits.
  PUSH("https://fairway.dev/attestation/push/v1"),
  /// A run ended, with its outcome.
  RUN("https://fairway.dev/attestation/run/v1"),
  /// Somebody asked for jobs of a run to be executed once more.
  RERUN("https://fairway.dev/attestation/rerun/v1"),
  /// Times of a schedule passed while no server looked.
  MISSED_SCHEDULE("https://fairway.dev/attestation/missed-schedule/v1"),
  /// An attempt of a job ended, with its outcome.
  JOB("https://fairway.dev/attestation/job/v1"),
  /// Test results that a job uploaded.
  TEST_RESULT("https://in-toto.io/attestation/test-result/v0.1"),
  /// Failures of a test are tolerated for a while, or no longer.
  QUARANTINE("https://fairway.dev/attestation/quarantine/v1"),
  /// Which run built an artifact, from what.
  PROVENANCE("https://slsa.dev/provenance/v1"),
  /// A set of artifacts became a release.
  RELEASE("https://in-toto.io/attestation/release/v0.2"),
  /// An entitled person said yes or no to a deployment.
  APPROVAL("https://fairway.dev/attestation/approval/v1"),
  /// An entitled person said yes or no to a job that goes to an environment.
  JOB_APPROVAL("https://fairway.dev/attestation/job-approval/v1"),
  /// A deployment reached a state: requested, started, switched, ended.
  DEPLOYMENT("https://fairway.dev/attestation/deployment/v1"),
  /// The verdict on a deployment's health after the switch.
  VERIFICATION("https://fairway.dev/attestation/verification/v1"),
  /// Traffic went back to an earlier release.
  ROLLBACK("https://fairway.dev/attestation/rollback/v1"),
  /// An environment or its protection rules changed.
  ENVIRONMENT("https://fairway.dev/attestation/environment/v1"),
  /// A person came, left, or was given or lost a role.
  ROLE("https://fairway.dev/attestation/role/v1"),
  /// Somebody signed in, or failed to.
  SIGN_IN("https://fairway.dev/attestation/sign-in/v1"),
  /// An API token or an agent's token was made or revoked.
  TOKEN("https://fairway.dev/attestation/token/v1"),
  /// A project was created or changed.
  PROJECT("https://fairway.dev/attestation/project/v1"),
  /// A secret or variable that jobs are given was set or removed.
  SECRET("https://fairway.dev/attestation/secret/v1"),
  /// What the token of a job may do where its workflow says nothing was decided.
  TOKEN_DEFAULT("https://fairway.dev/attestation/token-default/v1"),
  /// An action's tag was locked to a commit, or moved; or whose actions may be used changed.
  ACTION("https://fairway.dev/attestation/action/v1"),
  /// Which entries belong to an evidence pack that somebody asked for: the claim that it is
  /// complete.
  POPULATION(Population.PREDICATE),
  /// The payload of an entry was deleted: by whom, when and why.
  ERASURE(Erasure.PREDICATE);

  private final String uri;

  PredicateType(String uri) {
    this.uri = uri;
  }

  public String uri() {
    return uri;
  }

  /// The word for people and for filters, such as `sign-in`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The type with that word.
  public static Optional<PredicateType> ofWord(String word) {
    return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
  }

  public static PredicateType ofUri(String uri) {
    return Arrays.stream(values())
        .filter(type -> type.uri.equals(uri))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown predicate type " + uri));
  }
}
