package dev.fairway.bench.server;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// The whole system as `fairway up` starts it, with its agent, its sandbox and its PostgreSQL: how
/// soon after a `git push` the first step runs, how long many jobs and many steps take that do
/// nothing, and how much memory that takes.
public final class ServerBench {
  private static final int WARM = Integer.getInteger("warm", 10);
  private static final int PUSHES = Integer.getInteger("pushes", 25);
  private static final int ROUNDS = Integer.getInteger("rounds", 5);

  /// As many jobs as a team has in a day or two.
  private static final int LATER = Integer.getInteger("later", 60);

  private static final int MANY = 50;
  private static final double ASKED_FIRST_STEP = 100;
  private static final double ASKED_JOBS = 1_000;
  private static final double ASKED_STEPS = 400;
  private static final double ASKED_OF_A_STEP = 5;
  private static final long ASKED_SERVER_IDLE = 200;
  private static final long ASKED_SERVER = 400;
  private static final long ASKED_AGENT = 120;
  private static final Pattern CLOCK = Pattern.compile("began (\\d+)[.,](\\d{6})");

  /// Bash knows the time itself: no process is started to ask for it.
  private static final String ONE = job("j", List.of("echo \"began $EPOCHREALTIME\""));

  private static final String JOBS =
      "on: push\njobs:\n"
          + String.join(
              "",
              IntStream.range(0, MANY).mapToObj(n -> jobOnly("j" + n, List.of("true"))).toList());

  private static final String STEPS =
      job("j", IntStream.range(0, MANY).mapToObj(_ -> "true").toList());

  private final Ground ground;
  private final Installed system;
  private final Pushes pushes;
  private boolean met = true;

  private ServerBench(Ground ground, Installed system) {
    this.ground = ground;
    this.system = system;
    this.pushes = new Pushes(ground, system);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean met;
    try (var ground = new Ground(Optional.empty());
        var system =
            new Installed(
                ground, Map.of(), List.of("--proxy-port", Integer.toString(Ground.freePort())))) {
      met = new ServerBench(ground, system).run();
    }
    System.exit(met ? 0 : 1);
  }

  private static String job(String name, List<String> steps) {
    return "on: push\njobs:\n" + jobOnly(name, steps);
  }

  private static String jobOnly(String name, List<String> steps) {
    var text = new StringBuilder("  " + name + ":\n    runs-on: linux\n    steps:\n");
    steps.forEach(step -> text.append("      - run: '").append(step).append("'\n"));
    return text.toString();
  }

  private boolean run() throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(5);
    memory("idle");
    for (var n = 0; n < WARM; n++) {
      pushes.push(ONE);
    }
    firstStep();
    pushes.push(JOBS);
    manyJobs("a server that has just started");
    for (var n = 0; n < LATER; n++) {
      pushes.push(JOBS);
    }
    manyJobs("one that has run %,d jobs".formatted((LATER + ROUNDS + 1) * MANY));
    var one = medianOf(ONE);
    var many = medianOf(STEPS);
    steps(one, many);
    memory("after it");
    System.out.printf(
        "at most: server %d MiB, agent %d MiB%n", system.serverPeak(), system.besidePeak("agent"));
    check("server's memory in load", system.serverPeak(), ASKED_SERVER, "MiB");
    check("agent's memory", system.besidePeak("agent"), ASKED_AGENT, "MiB");
    return met;
  }

  private void memory(String when) throws IOException {
    System.out.printf(
        "%s: server %d MiB resident, agent %d MiB, proxy %d MiB%n",
        when, system.server(), system.beside("agent"), system.beside("proxy"));
    if (when.equals("idle")) {
      check("server's memory, idle", system.server(), ASKED_SERVER_IDLE, "MiB");
    }
  }

  private void check(String what, double measured, double asked, String unit) {
    var good = measured <= asked;
    met &= good;
    System.out.printf(
        "%s %s: %.1f %s, asked %.0f%n", good ? "met   " : "missed", what, measured, unit, asked);
  }

  /// When the step itself looked at the clock.
  private Instant began(Pushes.Pushed pushed) throws IOException {
    try (var wire = new Wire(system.url(), ground.token())) {
      var log =
          wire.get(
                  "/api/v1/projects/%s/runs/%d/jobs/%s/log/text"
                      .formatted(
                          Ground.PROJECT, pushes.count(), pushed.job().path("id").asString()))
              .require("log");
      var clock = CLOCK.matcher(log.body());
      if (!clock.find()) {
        throw new IllegalStateException("the step did not say when it began: " + log.body());
      }
      return Instant.ofEpochSecond(
          Long.parseLong(clock.group(1)), Long.parseLong(clock.group(2)) * 1_000);
    }
  }

  private void firstStep() throws IOException, InterruptedException {
    var git = new ArrayList<Double>();
    var planned = new ArrayList<Double>();
    var queued = new ArrayList<Double>();
    var confirmed = new ArrayList<Double>();
    var began = new ArrayList<Double>();
    var ended = new ArrayList<Double>();
    for (var n = 0; n < PUSHES; n++) {
      var pushed = pushes.push(ONE);
      git.add(pushed.pushMillis());
      planned.add(pushed.until(Instant.parse(pushed.detail().at("/run/createdAt").asString())));
      queued.add(pushed.job("queuedAt"));
      confirmed.add(pushed.job("startedAt"));
      began.add(pushed.until(began(pushed)));
      ended.add(pushed.ended());
    }
    System.out.printf("git push itself: %s%n", Figures.of(git));
    System.out.printf(
        "from its answer, p50: run made %.1f ms, job queued %.1f ms, confirmed by the agent %.1f"
            + " ms, first step began %.1f ms, run ended %.1f ms%n",
        Figures.of(planned).median(),
        Figures.of(queued).median(),
        Figures.of(confirmed).median(),
        Figures.of(began).median(),
        Figures.of(ended).median());
    System.out.printf("from the answer to the first step: %s%n", Figures.of(began));
    check("push to first step, p50", Figures.of(began).median(), ASKED_FIRST_STEP, "ms");
  }

  private void manyJobs(String server) throws IOException, InterruptedException {
    var ended = new ArrayList<Double>();
    for (var n = 0; n < ROUNDS; n++) {
      ended.add(pushes.push(JOBS).ended());
    }
    System.out.printf(
        "%d jobs of %s, from the answer to the end: %s%n", MANY, server, Figures.of(ended));
    check(MANY + " jobs of " + server, Figures.of(ended).median(), ASKED_JOBS, "ms");
  }

  /// How long the only job of that workflow takes by the server's clock.
  private double medianOf(String workflow) throws IOException, InterruptedException {
    pushes.push(workflow);
    var took = new ArrayList<Double>();
    for (var n = 0; n < ROUNDS; n++) {
      var pushed = pushes.push(workflow);
      took.add(pushed.job("endedAt") - pushed.job("startedAt"));
    }
    return Figures.of(took).median();
  }

  private void steps(double one, double many) throws IOException, InterruptedException {
    var shell = shell();
    System.out.printf(
        "a job of one step: %.0f ms; of %d steps: %.0f ms; `bash -e -c true`: %.1f ms%n",
        one, MANY, many, shell);
    check(MANY + " steps of one job", many, ASKED_STEPS, "ms");
    check("a step beside bash", (many - one) / (MANY - 1) - shell, ASKED_OF_A_STEP, "ms");
  }

  /// The floor: a shell for each step, and nothing else.
  private static double shell() throws IOException, InterruptedException {
    var took = new ArrayList<Double>();
    for (var n = 0; n < ROUNDS; n++) {
      var begun = System.nanoTime();
      var process =
          new ProcessBuilder("bash", "-c", "for n in $(seq " + MANY + "); do bash -e -c true; done")
              .start();
      process.waitFor();
      took.add(Figures.since(begun) / MANY);
    }
    return Figures.of(took).median();
  }
}
