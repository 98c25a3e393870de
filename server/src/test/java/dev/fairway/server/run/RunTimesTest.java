package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RunTimesTest {
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        lint: {runs-on: ubuntu-latest, steps: [{run: make lint}]}
        test: {runs-on: ubuntu-latest, steps: [{run: make test}]}
        pack: {needs: [lint, test], runs-on: ubuntu-latest, steps: [{run: make pack}]}
      """;

  private RunFixture fixture;

  @BeforeEach
  void start() {
    fixture = new RunFixture();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void theCriticalPathGoesBackToWhateverWasWaitedForLongest() {
    var times = times(run(5, 40));

    assertThat(times.rows().stream().filter(RunTimes.Row::critical).map(row -> row.job().name()))
        .containsExactly("test", "pack");
    assertThat(times.total()).isEqualTo(Duration.ofSeconds(55));
    assertThat(times.queued()).isEqualTo(Duration.ofSeconds(5));
    assertThat(times.working()).isEqualTo(Duration.ofSeconds(50));
    assertThat(times.usual()).isNull();
  }

  @Test
  void whatTookLongerThanTheMedianOfTheLastTenRunsIsNamed() {
    for (var seconds : List.of(300, 10, 12, 10, 11, 10, 10, 10, 10, 10, 10)) {
      run(0, seconds);
    }

    var times = times(run(0, 30));

    assertThat(times.compared()).isEqualTo(10);
    assertThat(times.usual()).isEqualTo(Duration.ofSeconds(20));
    assertThat(times.slower()).hasSize(1);
    assertThat(times.slower().getFirst().step()).isEqualTo("Run make test");
    assertThat(times.slower().getFirst().usual()).isEqualTo(Duration.ofSeconds(10));
    var test = times.rows().stream().filter(row -> row.job().name().equals("test")).findFirst();
    assertThat(test.orElseThrow().change()).isEqualTo("+20 s");
    assertThat(test.orElseThrow().slower()).isTrue();
  }

  @Test
  void theJobsOfACalledWorkflowStandInAFrameBehindWhatTheirCallerNeeds() {
    var run = run(0, 10);
    var like = fixture.job(run, "lint");
    var jobs =
        List.of(
            with(like, "test", List.of()),
            with(like, "deploy/build", List.of()),
            with(like, "deploy/ship", List.of("build")),
            with(like, "tell", List.of("deploy")));

    var calls = Map.of("deploy", List.of("test"));
    var path = CriticalPath.of(jobs, calls, fixture.clock.instant());
    var graph = JobGraph.of(jobs, calls, path);

    assertThat(graph.frames()).extracting(JobGraph.Frame::name).containsExactly("deploy");
    assertThat(graph.edges()).hasSize(3);
    assertThat(graph.nodes()).extracting(JobGraph.Node::x).isSorted();
    assertThat(Dependents.of(jobs, Set.of("deploy/build"), calls))
        .containsExactlyInAnyOrder("deploy/ship", "tell");
    assertThat(Dependents.of(jobs, Set.of("test"), calls))
        .containsExactlyInAnyOrder("deploy/build", "deploy/ship", "tell");
    assertThat(path.jobs())
        .extracting(JobRun::key)
        .containsExactly("test", "deploy/build", "deploy/ship", "tell");
  }

  private static JobRun with(JobRun like, String key, List<String> needs) {
    return new JobRun(
        UUID.randomUUID(),
        like.runId(),
        like.projectId(),
        key,
        0,
        1,
        true,
        0,
        key.replace("/", " / "),
        needs,
        like.phase(),
        like.outcome(),
        "",
        List.of(),
        "{}",
        "{}",
        true,
        false,
        false,
        0,
        null,
        "",
        "",
        0,
        null,
        null,
        false,
        false,
        null,
        null,
        0,
        null,
        "[]",
        null,
        null,
        null,
        like.queuedAt(),
        like.claimedAt(),
        like.startedAt(),
        like.endedAt());
  }

  /// Lint takes a second, pack ten.
  private Run run(int queued, int seconds) {
    var run = fixture.push(WORKFLOW);
    fixture.clock.tick(Duration.ofSeconds(queued));
    var lint = fixture.begin();
    var test = fixture.begin();
    fixture.clock.tick(Duration.ofSeconds(1));
    fixture.end(lint, Outcome.SUCCESS);
    fixture.clock.tick(Duration.ofSeconds(seconds - 1L));
    finish(test, "Run make test", seconds);
    var pack = fixture.begin();
    fixture.clock.tick(Duration.ofSeconds(10));
    finish(pack, "Run make pack", 10);
    return run;
  }

  private void finish(JobAssignment job, String step, int seconds) {
    var now = fixture.clock.instant();
    var events =
        List.<JobEvent>of(
            new JobEvent.StepStarted(now.minusSeconds(seconds), 1, step, 0, 1),
            new JobEvent.StepFinished(now, 1, Outcome.SUCCESS, Outcome.SUCCESS));
    fixture.leases.events(RunFixture.holder(job), new JobEvents(job.fence(), 0, events));
    fixture.leases.complete(
        RunFixture.holder(job),
        new JobCompletion(job.fence(), Outcome.SUCCESS, "", Map.of(), 2, 0));
  }

  private RunTimes times(Run run) {
    var now = fixture.clock.instant();
    var jobs = fixture.jobs(run);
    return fixture
        .database()
        .read(tx ->
            RunTimes.of(
                fixture.reload(run),
                jobs,
                DetailStore.stepsOfRun(tx, run.id()),
                CriticalPath.of(jobs, Map.of(), now),
                UsualTimes.before(tx, run),
                now));
  }
}
