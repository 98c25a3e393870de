package dev.fairway.server.delivery;

import dev.fairway.server.db.Database;
import java.time.Duration;

/// Stops processes that no deployment needs any more, and forgets releases that nobody goes back
/// to. It may be repeated, and makes up for a server that died before it.
final class Tidying {
  private final Database database;
  private final Rollout rollout;

  Tidying(Database database, Rollout rollout) {
    this.database = database;
    this.rollout = rollout;
  }

  private record Place(String environment, String service) {}

  /// Tidies up wherever something runs.
  void tidyAll() throws InterruptedException {
    var places =
        rollout.instances().stream()
            .map(instance -> new Place(instance.order().environment(), instance.order().service()))
            .distinct()
            .toList();
    for (var place : places) {
      tidy(place.environment(), place.service());
    }
  }

  void tidy(String environment, String service) throws InterruptedException {
    // What runs is listed before what is needed, so that nothing that starts meanwhile is stopped.
    var running = rollout.instances(environment, service);
    var needed = database.read(tx -> DeploymentStore.neededInstances(tx, environment, service));
    for (var instance : running) {
      if (!needed.contains(instance.order().id())) {
        var drain =
            database.read(tx ->
                ReleaseStore.ofVersion(tx, service, instance.order().release())
                    .map(release -> release.definition().drain())
                    .orElse(Duration.ZERO));
        rollout.retire(instance, drain);
      }
    }
    rollout.prune();
  }
}
