package dev.fairway.server.delivery;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the machine as the database says it is, where no deployment is at work: what serves runs
/// and has its traffic, what nobody needs is stopped and forgotten.
///
/// It may be repeated, and makes up for a server that died before it, for a target or proxy that
/// lost its data, and for a switch of which nobody knew whether it happened.
final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  private final Database database;
  private final Rollout rollout;

  Upkeep(Database database, Rollout rollout) {
    this.database = database;
    this.rollout = rollout;
  }

  private record Place(String environment, String service) {}

  /// Looks after every place.
  void keepAll() throws InterruptedException {
    for (var serving : database.read(DeploymentStore::serving)) {
      restore(serving);
    }
    var places =
        rollout.instances().stream()
            .map(instance -> new Place(instance.order().environment(), instance.order().service()))
            .distinct()
            .toList();
    for (var place : places) {
      tidy(place.environment(), place.service());
    }
  }

  /// Starts what serves if it is not there, and gives it its traffic if that goes elsewhere.
  private void restore(Serving serving) {
    var work = stillServing(serving);
    if (work.isEmpty()) {
      return;
    }
    var instance = work.get().instance();
    try {
      if (!rollout.isThere(instance)) {
        LOG.warn(
            "{} of {} is not there; it is started again",
            work.get().release().title(),
            serving.environment());
        rollout.start(instance, work.get().release(), work.get().rules());
      } else if (rollout.isHealthy(instance)
          && !rollout.hasTraffic(instance, serving.environment(), serving.service())) {
        LOG.warn(
            "{} of {} has lost its traffic; it gets it back",
            work.get().release().title(),
            serving.environment());
        rollout.restoreTraffic(
            instance,
            serving.service(),
            work.get().rules(),
            () -> stillServing(serving).isPresent());
      }
    } catch (FairwayException e) {
      LOG.warn("{} of {}: {}", serving.service(), serving.environment(), e.getMessage());
    }
  }

  /// What serves there, if that is still so and no deployment is at work.
  private Optional<Work> stillServing(Serving serving) {
    return database.read(tx -> {
      var now = DeploymentStore.serving(tx, serving.environment(), serving.service());
      return now.equals(Optional.of(serving))
              && !DeploymentStore.isBusy(tx, serving.environment(), serving.service())
          ? Optional.of(Work.of(tx, serving.deploymentId()))
          : Optional.empty();
    });
  }

  /// Stops processes that no deployment needs any more, and deletes releases that nobody goes back
  /// to.
  void tidy(String environment, String service) throws InterruptedException {
    // What runs is listed before what is needed, so that nothing that starts meanwhile is stopped.
    for (var instance : rollout.instances(environment, service)) {
      if (isNeeded(instance.order().id(), environment, service)) {
        continue;
      }
      var drain =
          database.read(tx ->
              ReleaseStore.ofVersion(tx, service, instance.order().release())
                  .map(release -> release.definition().drain())
                  .orElse(Duration.ZERO));
      rollout.drain(instance, drain);
      // Draining takes its time, and somebody may have begun to go back to it.
      if (!isNeeded(instance.order().id(), environment, service)) {
        rollout.stop(instance);
      }
    }
    prune();
  }

  private boolean isNeeded(UUID instance, String environment, String service) {
    return database
        .read(tx -> DeploymentStore.neededInstances(tx, environment, service))
        .contains(instance);
  }

  private void prune() {
    var kept =
        database.read(EnvironmentStore::all).stream()
            .collect(Collectors.toMap(Environment::name, it -> it.definition().keep()));
    rollout.prune(
        environment -> kept.getOrDefault(environment, EnvironmentDefinition.DEFAULT_KEEP));
  }
}
