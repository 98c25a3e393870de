package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.SourceModule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Runs of a default branch for everything but pushes. The clock begins at 14:00:00.
final class EventRunsTest {
  private static final String JOBS = "jobs: {a: {runs-on: linux, steps: [{run: make}]}}\n";

  @TempDir Path folder;
  private final RunFixture fixture = new RunFixture();
  private SourceModule source;
  private DefaultWorkflows workflows;
  private EventRuns events;
  private EventTimer timer;
  private Project project;

  private EventTimer newTimer() {
    return new EventTimer(
        fixture.database(),
        source.projects(),
        workflows,
        events,
        new Evidence(fixture.clock),
        fixture.clock);
  }

  @BeforeEach
  void create() {
    source =
        SourceModule.create(
            fixture.database(),
            new Evidence(fixture.clock),
            fixture.clock,
            folder.resolve("data"),
            UUID.randomUUID());
    workflows = new DefaultWorkflows(source.projects(), fixture.clock);
    events = new EventRuns(source.projects(), workflows, fixture.starter);
    timer = newTimer();
    project = source.projects().create("payments", "", "", Caller.NOBODY);
  }

  @AfterEach
  void close() {
    Schemas.requireLedgerToFit(fixture.database());
    timer.close();
    source.close();
    fixture.close();
  }

  private void commit(String name, String workflow) throws Exception {
    var work = folder.resolve("work");
    var file = work.resolve(".github/workflows").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, workflow);
    if (!Files.exists(work.resolve(".git"))) {
      git(work, "init", "--quiet", "--initial-branch=main");
    }
    git(work, "add", "--all");
    git(work, "-c", "user.name=Ada", "-c", "user.email=a@example.org", "commit", "-qm", "Change");
    git(work, "push", "--quiet", bare().toString(), "main");
    fixture.database().run(tx -> workflows.refresh(tx, project));
  }

  private Path bare() {
    return folder.resolve("data/repositories").resolve(project.id() + ".git");
  }

  private static void git(Path work, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private List<Run> runs() {
    List<Run> latest = fixture.database().read(RunStore::latest);
    return latest.reversed();
  }

  private static JsonNode github(Run run) {
    return Json.MAPPER.readTree(run.contexts()).path("github");
  }

  @Test
  void theClockStartsAWorkflowOncePerTickHoweverManyServersLook() throws Exception {
    commit("nightly.yml", "on: {schedule: [{cron: '*/10 * * * *'}]}\n" + JOBS);
    timer.look();
    assertThat(runs()).isEmpty();

    fixture.clock.tick(Duration.ofMinutes(10));
    try (var servers = Executors.newVirtualThreadPerTaskExecutor();
        var other = newTimer()) {
      var first = servers.submit(timer::look);
      var second = servers.submit(other::look);
      first.get();
      second.get();
    }

    assertThat(runs()).hasSize(1);
    var run = runs().getFirst();
    assertThat(run.event()).isEqualTo("schedule");
    assertThat(github(run).at("/event/schedule").asString()).isEqualTo("*/10 * * * *");
    assertThat(github(run).path("ref").asString()).isEqualTo("refs/heads/main");
    assertThat(github(run).path("ref_protected").asBoolean()).isTrue();
    assertThat(fixture.entries("missed-schedule")).isZero();
  }

  @Test
  void missedTicksAreCountedAndOnlyTheLatestIsMadeUpFor() throws Exception {
    commit("hourly.yml", "on: {schedule: [{cron: '0 * * * *'}]}\n" + JOBS);

    fixture.clock.tick(Duration.ofHours(5).plusMinutes(20));
    timer.look();

    assertThat(runs()).hasSize(1);
    assertThat(fixture.lastPredicate("missed-schedule").path("count").asInt()).isEqualTo(4);
    var line =
        fixture.database().read(tx -> DefaultWorkflows.schedules(tx, project.id())).getFirst();
    assertThat(line.missed()).isEqualTo(4);
    assertThat(line.next()).isAfter(fixture.clock.instant());
  }

  @Test
  void aTickOfMoreThanAnHourAgoStartsNothing() throws Exception {
    commit("daily.yml", "on: {schedule: [{cron: '30 14 * * *'}]}\n" + JOBS);

    fixture.clock.tick(Duration.ofHours(3));
    timer.look();

    assertThat(runs()).isEmpty();
    assertThat(fixture.lastPredicate("missed-schedule").path("count").asInt()).isEqualTo(1);
  }

  @Test
  void aScheduleGoesWithItsWorkflow() throws Exception {
    commit("hourly.yml", "on: {schedule: [{cron: '0 * * * *'}]}\n" + JOBS);
    commit("hourly.yml", "on: push\n" + JOBS);

    fixture.clock.tick(Duration.ofHours(1));
    timer.look();

    assertThat(runs()).isEmpty();
  }

  @Test
  void runsLeadToRunsThreeTimesAndNoFurther() throws Exception {
    commit("a.yml", "name: A\non: repository_dispatch\n" + JOBS);
    commit(
        "b.yml", "name: B\non: {workflow_run: {workflows: [A, B], types: [completed]}}\n" + JOBS);
    fixture
        .database()
        .run(tx ->
            Events.dispatch(
                tx,
                project.id(),
                "go",
                Json.MAPPER.createObjectNode().put("level", 3),
                "ada",
                fixture.clock.instant()));
    timer.look();
    assertThat(github(runs().getFirst()).at("/event/client_payload/level").asInt()).isEqualTo(3);
    assertThat(github(runs().getFirst()).at("/event/action").asString()).isEqualTo("go");

    for (var next = fixture.claim(); next.isPresent(); next = fixture.claim()) {
      fixture.leases.heartbeat(RunFixture.holder(next.get()));
      fixture.end(next.get(), Outcome.SUCCESS);
      timer.look();
    }

    assertThat(runs()).extracting(Run::workflowName).containsExactly("A", "B", "B", "B");
    var event = github(runs().get(1)).path("event");
    assertThat(event.at("/workflow_run/conclusion").asString()).isEqualTo("success");
    assertThat(event.at("/workflow_run/run_number").asInt()).isEqualTo(1);
  }

  @Test
  void aRunTellsThatItWasRequestedAndThatItIsInProgress() throws Exception {
    commit("a.yml", "name: A\non: repository_dispatch\n" + JOBS);
    commit(
        "b.yml",
        "name: B\non: {workflow_run: {workflows: [A], types: [requested, in_progress]}}\n" + JOBS);
    fixture
        .database()
        .run(tx ->
            Events.dispatch(
                tx,
                project.id(),
                "go",
                Json.MAPPER.createObjectNode(),
                "ada",
                fixture.clock.instant()));
    timer.look();
    fixture.begin();
    timer.look();

    assertThat(runs()).extracting(Run::workflowName).containsExactly("A", "B", "B");
    assertThat(runs().stream().skip(1).map(run -> github(run).at("/event/action").asString()))
        .containsExactly("requested", "in_progress");
  }

  @Test
  void releasesAndDeploymentsStartWhatWaitsForThem() throws Exception {
    commit("r.yml", "on: release\n" + JOBS);
    commit("d.yml", "on: deployment\n" + JOBS);
    commit("s.yml", "on: deployment_status\n" + JOBS);
    var head = workflowsHead();
    see(PredicateType.RELEASE, head, "{\"version\": \"1.2.0\"}");
    see(
        PredicateType.DEPLOYMENT,
        head,
        "{\"state\": \"requested\", \"from\": null, \"environment\": \"production\"}");
    see(
        PredicateType.DEPLOYMENT,
        head,
        "{\"state\": \"succeeded\", \"from\": \"verifying\", \"environment\": \"production\"}");

    assertThat(runs())
        .extracting(run -> run.workflowPath().substring(18) + " " + run.event())
        .containsExactly(
            "r.yml release",
            "d.yml deployment",
            "s.yml deployment_status",
            "s.yml deployment_status");
    assertThat(github(runs().getFirst()).at("/event/release/tag_name").asString())
        .isEqualTo("1.2.0");
    assertThat(github(runs().getLast()).at("/event/deployment_status/state").asString())
        .isEqualTo("success");
  }

  private String workflowsHead() {
    return workflows.head(project).orElseThrow().commit();
  }

  private void see(PredicateType type, String commit, String predicate) {
    var entry =
        new LedgerEntry(
            0,
            Ids.next(),
            type,
            List.of(Subject.commit("payments", commit)),
            Json.MAPPER.readTree(predicate),
            Set.of("project:" + project.id(), "commit:" + commit),
            "ada",
            fixture.clock.instant());
    fixture.database().run(tx -> events.on(tx, entry));
  }
}
