package dev.fairway.server.delivery;

import dev.fairway.api.ProxyClient;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.identity.IdentityModule;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.TestSite;
import dev.fairway.server.web.WebModule;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/// A process of its own that drives deployments and dies at one point, as kill -9 would have it: no
/// shutdown hook runs, nothing is closed.
final class DyingDelivery {
  static final int KILLED = 137;

  private DyingDelivery() {}

  /// @param arguments the JDBC URL, the folder of the test, the name of a [CrashPoint]
  public static void main(String[] arguments) throws Exception {
    var folder = Path.of(arguments[1]);
    var point = CrashPoint.valueOf(arguments[2]);
    var clock = InstantSource.system();
    var database = Database.open(new DatabaseUrl(arguments[0], "postgres", ""));
    var evidence = new Evidence(clock);
    var web = WebModule.create(database, clock).web();
    var identity =
        IdentityModule.create(database, evidence, web, clock, new SecureRandom(), TestSite.CHEAP)
            .identity();
    var source =
        SourceModule.create(database, evidence, clock, folder.resolve("data"), UUID.randomUUID());
    var module =
        DeliveryFixture.open(
            database,
            folder,
            source,
            new ProxyClient(folder.resolve("proxy")),
            web,
            identity,
            Map.of(),
            reached -> {
              if (reached == point) {
                Runtime.getRuntime().halt(KILLED);
              }
            });
    module.start();
    new CountDownLatch(1).await();
  }
}
