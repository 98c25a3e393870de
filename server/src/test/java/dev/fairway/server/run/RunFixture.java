package dev.fairway.server.run;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.TickingClock;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.vault.TestVault;
import dev.fairway.server.vault.Vault;
import dev.fairway.workflow.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/// The parts of this package over a database of their own, with a clock that the test moves.
final class RunFixture implements AutoCloseable {
  /// Two servers never make the same token.
  private final AtomicLong seeds = new AtomicLong();

  static final String SHA = "9f3c1ab0000000000000000000000000000000ab";
  static final String ONE_JOB =
      """
      on: push
      jobs:
        test:
          runs-on: ubuntu-latest
          steps:
            - run: make test
      """;

  static final UUID PROJECT = UUID.fromString("018f0000-0000-7000-8000-000000000001");
  static final UUID AGENT = UUID.fromString("018f0000-0000-7000-8000-00000000000a");
  static final Event PUSH = new Event.Push("refs/heads/main", Optional.empty());

  final TickingClock clock = new TickingClock(Instant.parse("2026-11-22T14:00:00Z"));
  private final Database database;
  private final Runnable end;
  final RunEvidence evidence = new RunEvidence(new Evidence(clock));
  final Scheduler scheduler = new Scheduler(evidence, clock);
  final Vault vault = TestVault.over(new Evidence(clock));
  final RunStarter starter = new RunStarter(scheduler, evidence, vault, clock);
  final RunActions actions = new RunActions(scheduler, evidence, clock);
  final Leases leases;
  final LeaseTimer timer;
  final Claims claims;

  RunFixture() {
    this(CrashObserver.NONE);
  }

  RunFixture(CrashObserver witness) {
    this(TestDatabase.create(), witness);
  }

  private RunFixture(TestDatabase test, CrashObserver witness) {
    this(test.database(), witness, test::close);
  }

  /// Over a database that somebody else closes.
  RunFixture(Database database) {
    this(database, CrashObserver.NONE, () -> {});
  }

  private RunFixture(Database database, CrashObserver witness, Runnable end) {
    this.database = database;
    this.end = end;
    leases = new Leases(database(), scheduler, clock, witness);
    timer = new LeaseTimer(database(), scheduler, clock, witness);
    claims = newClaims(database(), witness);
  }

  Claims newClaims(Database on, CrashObserver witness) {
    return new Claims(
        on,
        new JobTokens(on, clock, new Random(seeds.incrementAndGet())),
        new JobSecrets(vault),
        scheduler,
        clock,
        witness);
  }

  Database database() {
    return database;
  }

  /// Pushes a commit that has that one workflow.
  Run push(String workflow) {
    return push(PROJECT, "payments", workflow).getFirst();
  }

  List<Run> push(UUID project, String name, String workflow) {
    var files = new LinkedHashMap<String, String>();
    files.put(".github/workflows/ci.yml", workflow);
    return push(project, name, files);
  }

  /// Pushes a commit that has these workflows.
  List<Run> push(UUID project, String name, SequencedMap<String, String> files) {
    var payload = Json.MAPPER.createObjectNode();
    var origin =
        new Origin(
            project, name, "push", "refs/heads/main", SHA, "ada", "Refuse large sums", payload);
    return database().transaction(tx -> starter.onEvent(tx, origin, PUSH, files));
  }

  /// Gives every job something from now on.
  ///
  /// @param kind `secret` or `variable`
  void give(String kind, String name, String value) {
    database().run(tx -> TestVault.give(tx, vault, kind, name, value));
  }

  /// Who knows the tokens of running jobs.
  JobTokens tokens() {
    return new JobTokens(database(), clock, new Random(seeds.incrementAndGet()));
  }

  Run reload(Run run) {
    return database().read(tx -> RunStarter.known(tx, run.id()));
  }

  List<JobRun> jobs(Run run) {
    return database().read(tx -> JobStore.current(tx, run.id()));
  }

  JobRun job(Run run, String name) {
    return jobs(run).stream().filter(job -> job.name().equals(name)).findFirst().orElseThrow();
  }

  Optional<JobAssignment> claim() {
    return claims.claim(
        new Claims.Place(AGENT, "http://127.0.0.1:7070"),
        new ClaimRequest("local", List.of("linux", "x64", "ubuntu-latest"), "plain"),
        Duration.ZERO);
  }

  /// Claims the next job and confirms it.
  JobAssignment begin() {
    var assignment = claim().orElseThrow();
    leases.heartbeat(holder(assignment));
    return assignment;
  }

  void end(JobAssignment assignment, Outcome outcome) {
    end(assignment, outcome, Map.of());
  }

  void end(JobAssignment assignment, Outcome outcome, Map<String, String> outputs) {
    leases.complete(
        holder(assignment), new JobCompletion(assignment.fence(), outcome, "", outputs, 0, 0));
  }

  static Leases.Holder holder(JobAssignment assignment) {
    return new Leases.Holder(assignment.job(), assignment.fence(), AGENT);
  }

  long entries(String type) {
    return database()
        .read(tx ->
            tx.createQuery("SELECT count(*) FROM ledger_entry WHERE type LIKE :type")
                .bind("type", "%/" + type + "/%")
                .mapTo(Long.class)
                .one());
  }

  /// What the newest entry of that type says.
  JsonNode lastPredicate(String type) {
    return database()
        .read(tx ->
            tx.createQuery(
                    """
                    SELECT predicate::text FROM ledger_entry WHERE type LIKE :type
                    ORDER BY id DESC LIMIT 1
                    """)
                .bind("type", "%/" + type + "/%")
                .mapTo(String.class)
                .map(Json.MAPPER::readTree)
                .one());
  }

  @Override
  public void close() {
    claims.close();
    end.run();
  }
}
