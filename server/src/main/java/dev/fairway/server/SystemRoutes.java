package dev.fairway.server;

import dev.fairway.api.Json;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/// What a supervisor and a monitor ask: is it alive, may traffic come, how is it doing; and what
/// the API promises.
final class SystemRoutes implements Routes {
  private static final int UNAVAILABLE = 503;

  private final Database database;
  private final Supplier<Map<String, Long>> figures;

  SystemRoutes(Database database, Supplier<Map<String, Long>> figures) {
    this.database = database;
    this.figures = figures;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/healthz", Permission.ANYONE, exchange -> exchange.text("alive\n"));
    routes.get("/readyz", Permission.ANYONE, this::ready);
    routes.get("/metrics", Permission.SYSTEM_READ, this::metrics);
    routes.get("/api/v1/openapi.yaml", Permission.ANYONE, this::contract);
  }

  private void ready(Exchange exchange) {
    if (database.reachable()) {
      exchange.text("ready\n");
    } else {
      exchange.status(UNAVAILABLE).text("the database does not answer\n");
    }
  }

  private void contract(Exchange exchange) throws IOException {
    try (var contract = Objects.requireNonNull(Json.class.getResourceAsStream("/openapi.yaml"))) {
      exchange.bytes("application/yaml", contract.readAllBytes());
    }
  }

  /// The text format of Prometheus.
  private void metrics(Exchange exchange) {
    var runtime = Runtime.getRuntime();
    var all = new TreeMap<>(figures.get());
    all.put("fairway_heap_used_bytes", runtime.totalMemory() - runtime.freeMemory());
    all.put("fairway_heap_max_bytes", runtime.maxMemory());
    var text = new StringBuilder();
    all.forEach((name, value) ->
        text.append("# TYPE ")
            .append(name)
            .append(name.endsWith("_total") ? " counter\n" : " gauge\n")
            .append(name)
            .append(' ')
            .append(value)
            .append('\n'));
    exchange.bytes(
        "text/plain; version=0.0.4; charset=utf-8",
        text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
