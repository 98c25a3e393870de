package dev.fairway.bench.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Two servers, three agents and a PostgreSQL, all of them killed and cut off from each other at
/// random while they run jobs; then the count.
///
/// ```
/// JOBS SEED SECONDS FOLDER
/// ```
///
/// Must run as root in a network namespace of its own (`unshare --net`). The same seed makes the
/// same schedule of faults; what meets them is up to the machine. Exit code 1 where something was
/// lost.
public final class Chaos {
  private static final Duration LEASE = Duration.ofSeconds(6);
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);

  /// Without a run that ends or a job that reports for so long, what is left is stuck: far longer
  /// than a lease.
  private static final Duration END_PATIENCE = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration TICK = Duration.ofMillis(10);

  /// As long a fault waits for a job to begin or end since the one before.
  private static final Duration WORK_PATIENCE = Duration.ofSeconds(4);

  private static final int PUSHES = 5;
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private final Cluster cluster;
  private final Workload workload;
  private final Collector collector;

  private Chaos(Cluster cluster, Workload workload, Collector collector) {
    this.cluster = cluster;
    this.workload = workload;
    this.collector = collector;
  }

  public static void main(String[] arguments) throws Exception {
    var jobs = Integer.parseInt(arguments[0]);
    var seed = Long.parseLong(arguments[1]);
    var time = Duration.ofSeconds(Long.parseLong(arguments[2]));
    var home = Files.createDirectories(Path.of(arguments[3]).toAbsolutePath());
    System.out.printf("seed %d: %d jobs, %d s of faults%n", seed, jobs, time.toSeconds());
    try (var network = new Network();
        var collector = new Collector(Network.HERE);
        var cluster = new Cluster(home, network, LEASE)) {
      // Whatever ends this process ends the others too.
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(cluster::close));
      await("the database", START_PATIENCE, () -> databaseAnswers(cluster));
      var workload = new Workload(cluster, home.resolve("work"), collector);
      var verdict = new Chaos(cluster, workload, collector).run(jobs, seed, time);
      System.out.println("attempts by outcome: " + verdict.outcomes());
      verdict.defects().forEach(defect -> System.out.println("DEFECT " + defect));
      System.out.printf(
          "seed %d: %s%n",
          seed,
          verdict.defects().isEmpty()
              ? "nothing was lost and nothing happened twice"
              : verdict.defects().size() + " defects");
      if (!verdict.defects().isEmpty()) {
        System.exit(1);
      }
    }
  }

  private Verdict run(int jobs, long seed, Duration time)
      throws IOException, SQLException, InterruptedException {
    var names = cluster.names();
    names.servers().forEach(cluster::startServer);
    for (var server : names.servers()) {
      await(server, START_PATIENCE, () -> workload.isReady(server));
    }
    for (var agent : names.agents()) {
      cluster.startAgent(agent, workload.agentToken(agent));
    }
    System.out.printf(
        "all are up after %d ms%n",
        Duration.between(ProcessHandle.current().info().startInstant().orElseThrow(), Instant.now())
            .toMillis());
    var runs = Math.ceilDiv(jobs, Workload.JOBS_OF_A_RUN);
    // The first jobs run when the first fault comes.
    var left = runs - push(Math.ceilDiv(runs, PUSHES));
    await("the first job", START_PATIENCE, () -> !collector.count("start").isEmpty());
    var pusher = Thread.ofPlatform().name("pusher").start(() -> pushAll(left, time));
    var began = System.nanoTime();
    play(Fault.schedule(seed, time, names));
    pusher.join();
    System.out.printf("the faults are over after %d ms%n", millisSince(began));
    var defects = new ArrayList<String>();
    var stuck = awaitEnd(runs);
    if (stuck > 0) {
      defects.add(stuck + " runs are stuck");
    }
    System.out.printf("all runs are over after %d ms%n", millisSince(began));
    for (var server : names.servers()) {
      await(server, START_PATIENCE, () -> workload.isReady(server));
    }
    // Entries get their place a moment after what they tell of.
    var found = Verdict.of(cluster, workload, collector);
    for (var again = 0; again < 50 && !found.defects().isEmpty(); again++) {
      pause(POLL);
      found = Verdict.of(cluster, workload, collector);
    }
    defects.addAll(found.defects());
    return new Verdict(found.outcomes(), defects);
  }

  /// @param due when it is to end, by [System#nanoTime]
  private record Running(Fault fault, long due) {}

  /// Lets the faults happen, each as long after the one before as the schedule says; on a slow
  /// machine later, so that they meet jobs at work and not servers that have just begun to start.
  private void play(List<Fault> faults) {
    var running = new ArrayList<Running>();
    var began = System.nanoTime();
    var last = Duration.ZERO;
    var seen = collector.reports();
    for (var fault : faults) {
      var target = began + fault.at().minus(last).toNanos();
      var latest = target + WORK_PATIENCE.toNanos();
      while (System.nanoTime() < target
          || (!fault.at().equals(last)
              && collector.reports() == seen
              && System.nanoTime() < latest)) {
        endDue(running);
        pause(TICK);
      }
      System.out.println(fault);
      cluster.begin(fault);
      began = System.nanoTime();
      last = fault.at();
      seen = collector.reports();
      running.add(new Running(fault, began + fault.lasts().toNanos()));
    }
    while (!running.isEmpty()) {
      endDue(running);
      pause(TICK);
    }
  }

  private void endDue(List<Running> running) {
    for (var one : List.copyOf(running)) {
      if (System.nanoTime() >= one.due()) {
        cluster.end(one.fault());
        running.remove(one);
      }
    }
  }

  /// In a few pushes while things go wrong, each repeated until a server takes it.
  private void pushAll(int runs, Duration time) {
    var left = runs;
    for (var push = 1; push < PUSHES && left > 0; push++) {
      left -= push(Math.ceilDiv(left, PUSHES - push));
      pause(time.dividedBy(PUSHES));
    }
  }

  private int push(int runs) {
    var servers = cluster.names().servers();
    for (var attempt = 0; !workload.push(runs, servers.get(attempt % servers.size())); ) {
      attempt++;
      pause(POLL);
    }
    return runs;
  }

  /// Waits for all runs to end, as long as there is progress; how many do not.
  private int awaitEnd(int runs) {
    var open = openRuns(runs);
    var reports = collector.reports();
    var moved = System.nanoTime();
    while (open > 0 && millisSince(moved) < END_PATIENCE.toMillis()) {
      pause(POLL);
      cluster.reviveAll();
      var now = openRuns(runs);
      if (now != open || collector.reports() != reports) {
        moved = System.nanoTime();
      }
      open = now;
      reports = collector.reports();
    }
    return open;
  }

  private static boolean databaseAnswers(Cluster cluster) {
    cluster.reviveAll();
    try {
      Verdict.connect(cluster).close();
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private int openRuns(int expected) {
    try {
      return Verdict.open(cluster, expected);
    } catch (SQLException e) {
      return expected;
    }
  }

  private static void await(String what, Duration patience, BooleanSupplier condition) {
    if (!holds(patience, condition)) {
      throw new IllegalStateException(what + " does not come up");
    }
  }

  private static boolean holds(Duration patience, BooleanSupplier condition) {
    var began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (millisSince(began) > patience.toMillis()) {
        return false;
      }
      pause(POLL);
    }
    return true;
  }

  private static void pause(Duration time) {
    try {
      NEVER.await(Math.max(0, time.toMillis()), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static long millisSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1_000_000;
  }
}
