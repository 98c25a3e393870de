package dev.fairway.bench.server;

import dev.fairway.api.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// Pushes of workflows, each of which is one run that has to succeed.
final class Pushes {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Ground ground;
  private final Installed system;
  private long count;

  Pushes(Ground ground, Installed system) {
    this.ground = ground;
    this.system = system;
  }

  /// How many there were, which is the number of the latest run.
  long count() {
    return count;
  }

  /// What a push came to.
  ///
  /// @param answered when git had
  record Pushed(Instant answered, double pushMillis, JsonNode detail) {
    double until(Instant instant) {
      return Duration.between(answered, instant).toNanos() / 1e6;
    }

    double ended() {
      return until(Instant.parse(detail.path("run").path("endedAt").asString()));
    }

    JsonNode job() {
      return detail.path("jobs").path(0);
    }

    double job(String instant) {
      return until(Instant.parse(job().path(instant).asString()));
    }
  }

  Pushed push(String workflow) throws IOException, InterruptedException {
    ground.workflow(workflow);
    var begun = System.nanoTime();
    ground.push(List.of("main"));
    var answered = Instant.now();
    var took = Figures.since(begun);
    var number = ++count;
    var deadline = System.nanoTime() + LIMIT.toNanos();
    try (var wire = new Wire(system.url(), ground.token())) {
      while (System.nanoTime() < deadline) {
        var answer = wire.get("/api/v1/projects/" + Ground.PROJECT + "/runs/" + number);
        if (answer.status() == 200) {
          var detail = Json.MAPPER.readTree(answer.body());
          if (!detail.path("run").path("endedAt").asString("").isEmpty()) {
            requireSuccess(detail);
            return new Pushed(answered, took, detail);
          }
        }
        // The bench must not keep the processors from what it measures.
        TimeUnit.MILLISECONDS.sleep(250);
      }
    }
    throw new IllegalStateException("run " + number + " does not end");
  }

  private static void requireSuccess(JsonNode detail) {
    if (!detail.path("run").path("state").asString().equals("success")) {
      throw new IllegalStateException("a run did not succeed: " + detail);
    }
  }
}
