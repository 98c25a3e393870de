package dev.fairway.server.delivery;

import dev.fairway.api.ProxyClient;
import dev.fairway.server.db.Database;
import dev.fairway.server.delivery.target.LocalTarget;
import dev.fairway.server.delivery.target.ServiceUser;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.LiveEvents;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Releases, environments and deployments, put together.
public final class DeliveryModule implements AutoCloseable {
  private final LocalTarget target;
  private final Environments environments;
  private final Deployments deployments;
  private final Approvals approvals;
  private final ReleasePublisher publisher;
  private final DeploymentDriver driver;

  private DeliveryModule(
      LocalTarget target,
      Environments environments,
      Deployments deployments,
      Approvals approvals,
      ReleasePublisher publisher,
      DeploymentDriver driver) {
    this.target = target;
    this.environments = environments;
    this.deployments = deployments;
    this.approvals = approvals;
    this.publisher = publisher;
    this.driver = driver;
  }

  /// What delivery gets from the parts of the server below it.
  ///
  /// @param targetFolder where the built-in target keeps its data
  /// @param runArtifacts lists what a run uploaded
  /// @param artifacts opens what was uploaded
  record Ground(
      Database database,
      Evidence evidence,
      InstantSource clock,
      Projects projects,
      Path targetFolder,
      ProxyClient proxy,
      ReleasePublisher.RunArtifacts runArtifacts,
      Rollout.Artifacts artifacts) {}

  /// Takes up what a former server left running; nothing is driven before [#start].
  static DeliveryModule create(Ground ground, CrashPoint.Observer crash) throws IOException {
    var database = ground.database();
    var signal = new Signal();
    var target =
        LocalTarget.open(
            ground.targetFolder(),
            Optional.of(ServiceUser.NOBODY),
            ground.proxy(),
            ground.clock(),
            _ -> {
              signal.raise();
              database.run(tx -> LiveEvents.publish(tx, "environments"));
            });
    var transitions = new Transitions(ground.evidence(), ground.clock());
    var participants = new Participants(ground.projects());
    var deployments = new Deployments(database, transitions);
    var approvals = new Approvals(database, ground.evidence(), transitions, participants);
    var environments = new Environments(database, ground.evidence(), ground.clock(), approvals);
    var publisher =
        new ReleasePublisher(
            ground.projects(),
            ground.runArtifacts(),
            deployments,
            ground.evidence(),
            ground.clock());
    var steps =
        new DeploymentSteps(
            database,
            transitions,
            deployments,
            new DeploymentEvidence(ground.evidence(), ground.clock()),
            new Rollout(target, ground.artifacts()),
            signal,
            crash);
    var driver = new DeploymentDriver(database, steps, signal, ground.clock());
    return new DeliveryModule(target, environments, deployments, approvals, publisher, driver);
  }

  /// Begins to drive deployments.
  public void start() {
    driver.start();
  }

  /// What acts on entries of the ledger.
  public List<Subscriber> subscribers() {
    return List.of(publisher);
  }

  public Environments environments() {
    return environments;
  }

  public Deployments deployments() {
    return deployments;
  }

  public Approvals approvals() {
    return approvals;
  }

  LocalTarget target() {
    return target;
  }

  /// Stops driving; services keep running, and the next server takes them up.
  @Override
  public void close() {
    driver.close();
    target.close();
  }
}
