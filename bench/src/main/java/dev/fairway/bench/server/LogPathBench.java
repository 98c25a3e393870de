package dev.fairway.bench.server;

import dev.fairway.api.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// A log all the way from what a job writes to what is stored: `fairway up` with its agent and its
/// sandbox, and one job that writes as fast as it is read. Meanwhile small jobs come and go, and
/// the server's heap is watched.
public final class LogPathBench {
  private static final int MEGABYTES = Integer.getInteger("megabytes", 1_000);
  private static final double ASKED = 50;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /// With the time that stands before each line, lines of 100 bytes.
  private static final String LINE =
      "[INFO] Tests run: 12, Failures: 0, dev.example.Transfer took 0.17 s, it is ok";

  private static final int STORED_BYTES_OF_A_LINE = 25 + LINE.length() + 1;

  private static final String LARGE =
      """
      on: push
      jobs:
        large:
          runs-on: linux
          steps:
            - run: |
                yes '%s' | head -n %d
      """
          .formatted(LINE, MEGABYTES * 1_000_000L / STORED_BYTES_OF_A_LINE);

  private static final String SMALL =
      """
      on: push
      jobs:
        small:
          runs-on: linux
          steps:
            - run: 'true'
      """;

  private final Ground ground;
  private final Installed system;
  private long runs;

  private LogPathBench(Ground ground, Installed system) {
    this.ground = ground;
    this.system = system;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean met;
    try (var ground = new Ground(Optional.empty());
        var system =
            new Installed(
                ground,
                Map.of(),
                List.of("--slots", "3", "--proxy-port", Integer.toString(Ground.freePort())))) {
      met = new LogPathBench(ground, system).run();
    }
    System.exit(met ? 0 : 1);
  }

  private boolean run() throws IOException, InterruptedException {
    for (var n = 0; n < 8; n++) {
      small();
    }
    var alone = new ArrayList<Double>();
    for (var n = 0; n < 5; n++) {
      alone.add(small());
    }
    System.out.printf("a small job, from the answer to its end: %s%n", Figures.of(alone));
    var heapBefore = heap();
    var number = push(LARGE, "large");
    var meanwhile = new ArrayList<Double>();
    var heap = 0L;
    while (ended(detail(number)).isEmpty()) {
      meanwhile.add(small());
      heap = Math.max(heap, heap());
      // A small job now and then, not as many as the machine can take.
      TimeUnit.SECONDS.sleep(1);
    }
    var job = detail(number).path("jobs").path(0);
    if (!job.path("state").asString().equals("success")) {
      throw new IllegalStateException("the large job did not succeed: " + detail(number));
    }
    var seconds =
        Duration.between(
                    Instant.parse(job.path("startedAt").asString()),
                    Instant.parse(job.path("endedAt").asString()))
                .toMillis()
            / 1e3;
    var rate = MEGABYTES / seconds;
    System.out.printf(
        "%d MB of log, from the job to stored: %.1f s, %.1f MB/s (asked %.0f)%n",
        MEGABYTES, seconds, rate, ASKED);
    System.out.printf("a small job meanwhile: %s%n", Figures.of(meanwhile));
    System.out.printf(
        "server's heap in use: %d MiB before, at most %d MiB meanwhile; resident at most: server %d"
            + " MiB, agent %d MiB%n",
        heapBefore, heap, system.serverPeak(), system.besidePeak("agent"));
    return rate >= ASKED;
  }

  private long heap() throws IOException, InterruptedException {
    var jstat = Path.of(System.getProperty("java.home"), "bin", "jstat").toString();
    var process = new ProcessBuilder(jstat, "-gc", Long.toString(system.pid())).start();
    var lines = new String(process.getInputStream().readAllBytes()).lines().toList();
    process.waitFor();
    var names = List.of(lines.get(0).strip().split(" +"));
    var values = lines.get(1).strip().split(" +");
    var kilobytes = 0.0;
    for (var name : List.of("S0U", "S1U", "EU", "OU")) {
      kilobytes += Double.parseDouble(values[names.indexOf(name)].replace(',', '.'));
    }
    return Math.round(kilobytes / 1024);
  }

  private long push(String workflow, String branch) throws IOException, InterruptedException {
    ground.workflow(workflow);
    ground.push(List.of(branch));
    return ++runs;
  }

  /// Milliseconds from the answer of the push to the end of the run.
  private double small() throws IOException, InterruptedException {
    var number = push(SMALL, "small");
    var answered = Instant.now();
    var deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      var ended = ended(detail(number));
      if (ended.isPresent()) {
        return Duration.between(answered, ended.get()).toNanos() / 1e6;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IllegalStateException("run " + number + " does not end");
  }

  private static Optional<Instant> ended(JsonNode detail) {
    return Optional.of(detail.path("run").path("endedAt").asString(""))
        .filter(text -> !text.isEmpty())
        .map(Instant::parse);
  }

  private JsonNode detail(long number) throws IOException {
    try (var wire = new Wire(system.url(), ground.token())) {
      var answer = wire.get("/api/v1/projects/" + Ground.PROJECT + "/runs/" + number);
      return Json.MAPPER.readTree(answer.status() == 200 ? answer.body() : "{}");
    }
  }
}
