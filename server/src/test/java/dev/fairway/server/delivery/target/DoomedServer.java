package dev.fairway.server.delivery.target;

import dev.fairway.api.ProxyClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A server that starts an instance and dies without a word: `TARGET-FOLDER PROXY-FOLDER ID`.
public final class DoomedServer {
  private DoomedServer() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var proxy = new ProxyClient(Path.of(arguments[1]));
    var target =
        LocalTarget.open(
            Path.of(arguments[0]), Optional.empty(), proxy, InstantSource.system(), _ -> {});
    var order = order(UUID.fromString(arguments[2]), target.unpack(List.of(Zips.shop("well"))));
    target.start(order);
    target.awaitVerdict(order.id(), Duration.ofSeconds(30));
    Runtime.getRuntime().halt(137);
  }

  static StartOrder order(UUID id, UnpackedRelease release) {
    return new StartOrder(
        id,
        "production",
        "shop",
        "1.1.0",
        release.digest(),
        new RunSpec(
            List.of("java", "-XX:+UseSerialGC", "-cp", ".", ShopService.class.getName()),
            "PORT",
            Map.of()),
        new HealthCheck(
            "/health", Duration.ofMillis(50), Duration.ofSeconds(2), 2, 3, Duration.ofSeconds(20)));
  }
}
