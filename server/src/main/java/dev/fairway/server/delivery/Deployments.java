package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.delivery.Deployment.Kind;
import dev.fairway.server.delivery.Transitions.Draft;
import dev.fairway.server.http.Caller;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What people and the path itself may ask of deployments. What follows from it is done by the
/// [DeploymentDriver].
///
/// Locks are taken in one order: the environment, then its deployments.
public final class Deployments {
  /// The name under which the path itself acts.
  static final String FAIRWAY = "fairway";

  private static final int MAX_REASON_CHARS = 1_000;

  private final Database database;
  private final Transitions transitions;

  Deployments(Database database, Transitions transitions) {
    this.database = database;
    this.transitions = transitions;
  }

  /// Asks for a release to go to an environment.
  public Deployment promote(Caller caller, UUID releaseId, String environment, String reason) {
    checkReason(reason);
    return database.transaction(tx -> {
      var release = release(tx, releaseId);
      var place = EnvironmentStore.lock(tx, environment);
      requireVerifiedBefore(tx, release, place);
      requireNotThere(tx, release, place);
      return request(
          tx,
          release,
          environment,
          Kind.PROMOTION,
          new Asker(caller.name(), caller.knownId()),
          reason.isBlank() ? "asked for by " + caller.name() : reason);
    });
  }

  /// Who asks.
  private record Asker(String name, @Nullable UUID id) {
    static final Asker PATH = new Asker(FAIRWAY, null);
  }

  private static Release release(Handle tx, UUID id) {
    var record =
        ReleaseStore.find(tx, id)
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.NOT_FOUND,
                    "There is no release " + id,
                    "List them with 'fairway releases list'."));
    return switch (record) {
      case Release release -> release;
      case FailedRelease failed ->
          throw new FairwayException(
              ErrorCode.CONFLICT,
              "Run " + failed.runNumber() + " made no release: " + failed.reason(),
              "Correct that and push.");
    };
  }

  private static void requireVerifiedBefore(Handle tx, Release release, Environment place) {
    EnvironmentStore.before(tx, place.definition().order())
        .filter(before -> !DeploymentStore.verifiedIn(tx, release.id(), before.name()))
        .ifPresent(before -> {
          throw new FairwayException(
              ErrorCode.CONFLICT,
              "%s is not verified in %s, which comes before %s"
                  .formatted(release.title(), before.name(), place.name()),
              "Promote it to " + before.name() + " first.");
        });
  }

  private static void requireNotThere(Handle tx, Release release, Environment place) {
    DeploymentStore.serving(tx, place.name(), release.service())
        .filter(serving -> serving.releaseId().equals(release.id()))
        .ifPresent(serving -> {
          throw new FairwayException(
              ErrorCode.CONFLICT,
              release.title() + " is what " + place.name() + " runs",
              "There is nothing to do.");
        });
    DeploymentStore.ofRelease(tx, release.id()).stream()
        .filter(open -> open.environment().equals(place.name()) && !open.state().terminal())
        .findFirst()
        .ifPresent(open -> {
          throw new FairwayException(
              ErrorCode.CONFLICT,
              "%s is on its way to %s: %s"
                  .formatted(release.title(), place.name(), open.state().word()),
              "Look at the deployment " + open.id() + ".");
        });
  }

  /// Sends a release on to the environment after that place on the path, unless what is there or on
  /// its way there is at least as new: the path never goes backwards by itself.
  ///
  /// @param order of the environment where it was verified; -1 for a new release
  void onward(Handle tx, Release release, int order) {
    var next = EnvironmentStore.after(tx, order);
    if (next.isEmpty()) {
      return;
    }
    var name = EnvironmentStore.lock(tx, next.get().name()).name();
    if (DeploymentStore.furthestRun(tx, name, release.service()) < release.runNumber()) {
      var why = order < 0 ? "a new release" : "verified in the environment before";
      request(tx, release, name, Kind.PROMOTION, Asker.PATH, why);
    }
  }

  /// Writes the request and lets it take the place of what waits there.
  private Deployment request(
      Handle tx, Release release, String environment, Kind kind, Asker asker, String reason) {
    var now = transitions.now();
    for (var older : DeploymentStore.waiting(tx, environment, release.service(), kind)) {
      var why = release.title() + " took its place";
      transitions.move(
          tx,
          older,
          Draft.to(older, DeploymentState.SUPERSEDED).end(Outcome.SKIPPED, why),
          why,
          asker.name());
    }
    var deployment =
        new Deployment(
            Ids.next(),
            release.id(),
            release.projectId(),
            release.service(),
            environment,
            null,
            kind,
            DeploymentState.REQUESTED,
            reason,
            null,
            asker.name(),
            asker.id(),
            now,
            now,
            null,
            null,
            null,
            null,
            null,
            null,
            0);
    transitions.begin(tx, deployment);
    return deployment;
  }

  /// Goes back to the release that ran there before.
  ///
  /// A deployment that has just got the traffic is turned round; otherwise a deployment of the
  /// earlier release is asked for, which needs no approval: it was approved when it went there.
  public Deployment rollBack(Caller caller, String environment, String service, String reason) {
    requireReason(reason, "Say why: the reason goes into the evidence.");
    return database.transaction(tx -> {
      EnvironmentStore.lock(tx, environment);
      var serving =
          DeploymentStore.serving(tx, environment, service)
              .orElseThrow(() ->
                  new FairwayException(
                      ErrorCode.NOT_FOUND,
                      service + " does not run in " + environment,
                      "See what runs where with 'fairway environments list'."));
      var current = DeploymentStore.lock(tx, serving.deploymentId());
      if (current.fallbackId() == null) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "Nothing ran in " + environment + " before " + service + "'s present release",
            "Push a correction; it takes the usual path.");
      }
      if (current.state().active()) {
        return current.state() == DeploymentState.ROLLING_BACK
            ? current
            : transitions.move(
                tx,
                current,
                Draft.to(current, DeploymentState.ROLLING_BACK).because(reason),
                caller.name() + ": " + reason,
                caller.name());
      }
      var fallback = DeploymentStore.demand(tx, current.fallbackId());
      var release = ReleaseStore.published(tx, fallback.releaseId()).orElseThrow();
      makeWay(tx, caller, environment, service);
      return request(
          tx,
          release,
          environment,
          Kind.ROLLBACK,
          new Asker(caller.name(), caller.knownId()),
          reason);
    });
  }

  /// Stops what is on its way there, since the rollback is about what runs there now. What is about
  /// to get the traffic cannot be stopped any more, and would leave nothing to take back.
  private void makeWay(Handle tx, Caller caller, String environment, String service) {
    var active = DeploymentStore.active(tx, environment, service);
    if (active.isEmpty()) {
      return;
    }
    var title = ReleaseStore.published(tx, active.get().releaseId()).orElseThrow().title();
    if (!active.get().state().mayBecome(DeploymentState.CANCELLED)) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          title + " is just about to get the traffic in " + environment,
          "Look again in a moment, and roll back from what runs there then.");
    }
    transitions.move(
        tx,
        active.get(),
        Draft.to(active.get(), DeploymentState.CANCELLED)
            .end(Outcome.CANCELLED, "a rollback of " + environment + " came before it"),
        "a rollback came before it",
        caller.name());
  }

  /// Stops a deployment that does not have the traffic yet.
  public Deployment cancel(Caller caller, UUID id, String reason) {
    checkReason(reason);
    return database.transaction(tx -> {
      var deployment = DeploymentStore.lock(tx, id);
      if (!deployment.state().mayBecome(DeploymentState.CANCELLED)) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "The deployment is " + deployment.state().word() + " and cannot be cancelled",
            "Once it has the traffic, roll back instead.");
      }
      var why = "cancelled by " + caller.name() + (reason.isBlank() ? "" : ": " + reason);
      return transitions.move(
          tx,
          deployment,
          Draft.to(deployment, DeploymentState.CANCELLED).end(Outcome.CANCELLED, why),
          why,
          caller.name());
    });
  }

  static void requireReason(String reason, String next) {
    checkReason(reason);
    if (reason.isBlank()) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, "A reason is missing", next);
    }
  }

  static void checkReason(String reason) {
    if (reason.length() > MAX_REASON_CHARS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The reason has more than " + MAX_REASON_CHARS + " characters",
          "Shorten it, and link to the rest.");
    }
  }

  /// Everything that has not ended.
  public List<Deployment> open(Handle tx) {
    return DeploymentStore.open(tx);
  }
}
