package dev.fairway.bench.server;

import dev.fairway.api.DurableFiles;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.db.EmbeddedPostgreSql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/// The control plane alone: real pushes queue jobs, and simulated agents take and end them over
/// HTTP, without a process being started for any. Server, PostgreSQL and this bench are processes
/// of their own that share the machine; PostgreSQL is durable.
public final class ControlPlaneBench {
  private static final int SLOTS = Integer.getInteger("slots", 16);
  private static final int JOBS_OF_A_RUN = 50;
  private static final int RUNS = Integer.getInteger("runs", 100);
  private static final int ROUNDS_TO_WARM_UP = Integer.getInteger("warm", 4);
  private static final int ROUNDS = Integer.getInteger("rounds", 3);
  private static final int QUEUED = 100_000;
  private static final int CLAIMS = 2_000;
  private static final double ASKED_JOBS = 500;
  private static final double ASKED_MILLIS = 10;
  private static final int OTHERS = 8;
  private static final String LABEL = "simulated";
  private static final String OTHER_LABEL = "other";

  private static final String WORKFLOW =
      """
      on: push
      jobs:
        no-op:
          runs-on: %s
          strategy: {matrix: {n: [%s]}}
          steps:
            - run: 'true'
      """
          .formatted(
              LABEL,
              String.join(
                  ", ",
                  IntStream.rangeClosed(1, JOBS_OF_A_RUN).mapToObj(Integer::toString).toList()));

  private final Database database;
  private final DatabaseUrl url;
  private final Ground ground;
  private final Installed server;
  private final long postgres;
  private int branches;

  private ControlPlaneBench(
      Database database, DatabaseUrl url, long postgres, Ground ground, Installed server) {
    this.postgres = postgres;
    this.database = database;
    this.url = url;
    this.ground = ground;
    this.server = server;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("fairway-bench-postgresql");
    boolean met;
    try (var postgres = EmbeddedPostgreSql.open(folder)) {
      postgres.awaitReady();
      var url = postgres.url();
      try (var ground = new Ground(Optional.of(url));
          var server =
              new Installed(
                  ground, Map.of("FAIRWAY_DATABASE_URL", libpq(url)), List.of("--replica"));
          var database = Database.open(url)) {
        var postgresId = EmbeddedPostgreSql.running(folder).orElseThrow();
        met = new ControlPlaneBench(database, url, postgresId, ground, server).run();
      }
    }
    DurableFiles.delete(folder);
    System.exit(met ? 0 : 1);
  }

  private static String libpq(DatabaseUrl url) {
    return url.jdbc()
        .replace("jdbc:postgresql://", "postgresql://%s:%s@".formatted(url.user(), url.password()));
  }

  private boolean run() throws IOException, InterruptedException {
    System.out.printf("server, idle: %d MiB resident%n", server.server());
    ground.workflow(WORKFLOW);
    for (var round = 0; round < ROUNDS_TO_WARM_UP; round++) {
      queue(RUNS);
      drain();
    }
    // As autovacuum does within a minute: plans that were made for empty tables go.
    database.run(tx -> tx.execute("ANALYZE"));
    var floors = new ArrayList<Double>();
    var throughputs = new ArrayList<Double>();
    for (var round = 1; round <= ROUNDS; round++) {
      floors.add(new ClaimFloor(url).measure());
      var planned = queue(RUNS);
      var before = new Cost(server.processor(), postgres(), self());
      var drained = drain();
      cost(before);
      throughputs.add(drained);
      System.out.printf(
          "round %d: %.0f jobs/s queued by pushes, %.0f jobs/s from queued to finished; floor %.0f"
              + " claims/s, ratio %.2f%n",
          round, planned, drained, floors.getLast(), drained / floors.getLast());
    }
    var jobs = Figures.of(throughputs).median();
    System.out.printf(
        "from queued to finished, %d slots, %d jobs a round: %.0f jobs/s (median of %d; asked"
            + " %.0f); %.2f of the floor of %.0f claims/s%n",
        SLOTS,
        RUNS * JOBS_OF_A_RUN,
        jobs,
        ROUNDS,
        ASKED_JOBS,
        jobs / Figures.of(floors).median(),
        Figures.of(floors).median());
    sequenced();
    var claims = claims();
    System.out.printf(
        "server, after it: %d MiB resident, at most %d%n", server.server(), server.serverPeak());
    return jobs >= ASKED_JOBS && claims < ASKED_MILLIS;
  }

  /// Processor time of the server, of PostgreSQL and of the simulated agents, in milliseconds.
  private record Cost(double server, double postgres, double agents) {}

  /// What a job costs does not depend on how busy the machine is with other things.
  private void cost(Cost before) {
    var jobs = (double) RUNS * JOBS_OF_A_RUN;
    System.out.printf(
        "processor time of a job: server %.2f ms, PostgreSQL %.2f ms, simulated agents %.2f ms%n",
        (server.processor() - before.server()) / jobs,
        (postgres() - before.postgres()) / jobs,
        (self() - before.agents()) / jobs);
  }

  private double postgres() {
    return ProcessHandle.of(postgres)
        .map(one ->
            Installed.processor(one) + one.children().mapToDouble(Installed::processor).sum())
        .orElseThrow();
  }

  private static double self() {
    return Installed.processor(ProcessHandle.current());
  }

  /// Waits until everything has its place in the ledger too: it runs behind.
  private void sequenced() throws InterruptedException {
    var start = System.nanoTime();
    await(() -> count("SELECT count(*) FROM ledger_entry WHERE index IS NULL") == 0);
    System.out.printf("the ledger had caught up %.0f ms later%n", Figures.since(start));
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    while (!condition.holds()) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private long count(String sql) {
    return database.read(tx -> tx.createQuery(sql).mapTo(Long.class).one());
  }

  /// Pushes, and waits until all jobs of it are queued.
  ///
  /// @return jobs queued in a second
  private double queue(int runs) throws IOException, InterruptedException {
    var names = IntStream.range(branches, branches + runs).mapToObj(n -> "b" + n).toList();
    branches += runs;
    var start = System.nanoTime();
    ground.push(names);
    var wanted = (long) runs * JOBS_OF_A_RUN;
    await(() -> queued() == wanted);
    return wanted / (Figures.since(start) / 1_000);
  }

  private long queued() {
    return count("SELECT count(*) FROM job WHERE phase = 'queued'");
  }

  /// @return jobs ended in a second
  private double drain() throws InterruptedException {
    var ended = new AtomicInteger();
    var failures = new ConcurrentLinkedQueue<Exception>();
    var wanted = (int) queued();
    var done = new CountDownLatch(wanted);
    var start = System.nanoTime();
    for (var slot = 0; slot < SLOTS; slot++) {
      Thread.ofVirtual().start(() -> work(ended, wanted, done, failures));
    }
    while (!done.await(1, TimeUnit.SECONDS)) {
      if (!failures.isEmpty()) {
        throw new IllegalStateException(failures.peek());
      }
    }
    var seconds = Figures.since(start) / 1_000;
    if (count("SELECT count(*) FROM run WHERE phase <> 'ended' OR outcome <> 'success'") > 0) {
      throw new IllegalStateException("not all runs ended as a success");
    }
    return wanted / seconds;
  }

  private void work(
      AtomicInteger taken,
      int wanted,
      CountDownLatch done,
      ConcurrentLinkedQueue<Exception> failures) {
    try (var agent = agent(server.url(), LABEL)) {
      while (taken.getAndIncrement() < wanted) {
        agent.run(agent.claim().orElseThrow());
        done.countDown();
      }
    } catch (IOException | RuntimeException e) {
      failures.add(e);
    }
  }

  private SimulatedAgent agent(URI url, String label) throws IOException {
    return new SimulatedAgent(url, ground.agentToken(), "simulated", label);
  }

  /// Claims with so many queued.
  ///
  /// @return the 99th percentile
  private double claims() throws IOException, InterruptedException {
    fill();
    System.out.printf("%,d jobs are queued%n", queued());
    var claims = new ArrayList<Double>();
    var floors = new ArrayList<Double>();
    try (var agent = agent(server.url(), LABEL);
        var floor = new ClaimFloor(url).one()) {
      for (var n = 0; n < CLAIMS; n++) {
        var start = System.nanoTime();
        var _ = agent.claim().orElseThrow();
        var took = Figures.since(start);
        start = System.nanoTime();
        floor.claim();
        if (n >= CLAIMS / 10) {
          claims.add(took);
          floors.add(Figures.since(start));
        }
      }
    }
    var alone = Figures.of(claims);
    System.out.printf(
        "a claim, one after the other (asked: p99 %.0f ms): %s%n", ASKED_MILLIS, alone);
    System.out.printf(
        "in turns with it, a claim in PostgreSQL alone: %s; ratio of p50 %.1f, of p99 %.1f%n",
        Figures.of(floors),
        alone.median() / Figures.of(floors).median(),
        alone.p(99) / Figures.of(floors).p(99));
    System.out.printf("a claim while others claim and end jobs: %s%n", inLoad(0));
    System.out.printf(
        "the same, and %d agents wait that none of them fits: %s%n", OTHERS, inLoad(OTHERS));
    return alone.p(99);
  }

  /// The claims of one agent while four others are as busy as they can be.
  private Figures inLoad(int others) throws IOException, InterruptedException {
    var failures = new ConcurrentLinkedQueue<Exception>();
    var over = new CountDownLatch(1);
    var threads = new ArrayList<Thread>();
    for (var other = 0; other < others; other++) {
      Thread.ofVirtual().start(() -> waitInVain(over));
    }
    for (var slot = 0; slot < 4; slot++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (var agent = agent(server.url(), LABEL)) {
                  while (over.getCount() > 0) {
                    agent.run(agent.claim().orElseThrow());
                  }
                } catch (IOException | RuntimeException e) {
                  failures.add(e);
                }
              }));
    }
    var claims = new ArrayList<Double>();
    try (var agent = agent(server.url(), LABEL)) {
      for (var n = 0; n < 300; n++) {
        var start = System.nanoTime();
        var job = agent.claim().orElseThrow();
        claims.add(Figures.since(start));
        agent.run(job);
      }
    }
    over.countDown();
    for (var thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.peek());
    }
    return Figures.of(claims);
  }

  /// An agent whose labels no job asks for waits all the while, as long as the server lets it.
  private void waitInVain(CountDownLatch over) {
    try {
      while (over.getCount() > 0) {
        try (var agent = agent(server.url(), OTHER_LABEL)) {
          agent.claim();
        }
      }
    } catch (IOException e) {
      // The server may end before the last of them was told that there is nothing.
      if (over.getCount() > 0) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /// Copies an ended run of the project as often as it takes: pushing so many would take minutes,
  /// and what a claim meets is the same.
  private void fill() {
    database.run(tx -> {
      tx.execute(
          """
          CREATE TEMPORARY TABLE copy ON COMMIT DROP AS
          SELECT n, gen_random_uuid() AS id FROM generate_series(1, ?) n
          """,
          QUEUED / JOBS_OF_A_RUN);
      var columns = columns(tx, "run", "id", "number", "phase", "outcome", "ended_at");
      tx.execute(
          """
          INSERT INTO run (id, number, phase, %1$s)
          SELECT copy.id, 1000000 + copy.n, 'queued', %1$s
          FROM copy, (SELECT * FROM run ORDER BY number LIMIT 1) run
          """
              .formatted(columns));
      var ofJob =
          columns(
              tx,
              "job",
              "id",
              "run_id",
              "phase",
              "outcome",
              "turn",
              "fence",
              "agent_id",
              "agent",
              "sandbox",
              "next_event",
              "claimed_at",
              "started_at",
              "heartbeat_at",
              "ended_at");
      tx.execute(
          """
          INSERT INTO job (id, run_id, phase, turn, %1$s)
          SELECT gen_random_uuid(), copy.id, 'queued',
                 (SELECT max(turn) FROM job) + copy.n * ? + job.matrix_index, %1$s
          FROM copy, job
          WHERE job.run_id = (SELECT id FROM run ORDER BY number LIMIT 1)
          """
              .formatted(ofJob),
          JOBS_OF_A_RUN);
    });
    database.run(tx -> tx.execute("ANALYZE"));
  }

  /// All columns of the table but those.
  private static String columns(Handle tx, String table, String... but) {
    return String.join(
        ", ",
        tx.createQuery(
                """
                SELECT column_name FROM information_schema.columns
                WHERE table_name = :table AND column_name <> ALL (:but)
                """)
            .bind("table", table)
            .bindArray("but", String.class, (Object[]) but)
            .mapTo(String.class)
            .list());
  }
}
