package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ClaimRequest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.workflow.Permissions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class RunTest {
  private static final String TWO_JOBS =
      """
      name: Deliver
      on: push
      jobs:
        test:
          runs-on: ubuntu-latest
          outputs:
            version: ${{ steps.v.outputs.version }}
          steps:
            - run: make test
        publish:
          needs: test
          runs-on: ubuntu-latest
          steps:
            - run: make publish
      """;

  private final RunFixture fixture = new RunFixture();

  @AfterEach
  void close() {
    Schemas.requireLedgerToFit(fixture.database());
    fixture.close();
  }

  @Test
  void aPushBecomesARunWhoseJobsEndOneAfterTheOther() {
    var run = fixture.push(TWO_JOBS);
    assertThat(run.phase()).isEqualTo(RunPhase.QUEUED);
    assertThat(fixture.job(run, "publish").phase()).isEqualTo(JobPhase.WAITING);

    var test = fixture.begin();
    assertThat(test.jobKey()).isEqualTo("test");
    assertThat(fixture.reload(run).phase()).isEqualTo(RunPhase.RUNNING);
    assertThat(fixture.claim()).isEmpty();

    fixture.end(test, Outcome.SUCCESS, Map.of("version", "1.1.0"));
    var publish = fixture.begin();
    assertThat(publish.jobKey()).isEqualTo("publish");
    assertThat(publish.contexts().at("/needs/test/outputs/version").asString()).isEqualTo("1.1.0");
    assertThat(publish.contexts().at("/github/sha").asString()).isEqualTo(RunFixture.SHA);
    fixture.end(publish, Outcome.SUCCESS);

    var ended = fixture.reload(run);
    assertThat(ended.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.entries("job")).isEqualTo(2);
    assertThat(fixture.entries("run")).isEqualTo(1);
  }

  @Test
  void aLabelIsTheSameInWhateverCase() {
    var run =
        fixture.push(
            "on: push\njobs: {a: {runs-on: [Linux, X64, Ubuntu-Latest], steps: [{run: x}]}}");
    fixture.end(fixture.begin(), Outcome.SUCCESS);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(new ClaimRequest("a", List.of("GPU"), "none").labels()).containsExactly("gpu");
  }

  @Test
  void aFailureSkipsWhatNeedsItAndFailsTheRun() {
    var run = fixture.push(TWO_JOBS);
    fixture.end(fixture.begin(), Outcome.FAILURE);

    assertThat(fixture.job(run, "publish").outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(fixture.job(run, "publish").reason()).contains("test");
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void anInvalidWorkflowIsAFailedRunThatPointsAtLineAndColumn() {
    var run =
        fixture.push(
            """
            on: push
            jobs:
              test:
                runs-on: ubuntu-latest
                colour: red
                steps:
                  - run: make
            """);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
    var annotation =
        fixture.database().read(tx -> DetailStore.annotations(tx, run.id())).getFirst();
    assertThat(annotation.place()).isEqualTo(".github/workflows/ci.yml:5:5");
    assertThat(annotation.level()).isEqualTo("error");
    assertThat(fixture.entries("run")).isEqualTo(1);
  }

  @Test
  void textsThatTheDatabaseCannotHoldStopNothing() {
    var run =
        fixture.push(
            TWO_JOBS
                .replace("  test:\n", "  test:\n    name: \"a\\0b\"\n")
                .replace("- run: make publish", "- run: make publish # \0"));

    assertThat(fixture.reload(run).stateWord()).isIn("queued", "failure");
    var nul = TWO_JOBS.replace("  test:\n", "  test:\n    name: \"a\\0b\"\n");
    var other = fixture.push(nul);
    if (!other.phase().terminal()) {
      var test = fixture.begin();
      fixture.end(test, Outcome.SUCCESS, Map.of("version", "1\0"));
      assertThat(fixture.begin().contexts().at("/needs/test/outputs/version").asString())
          .isEqualTo("1\0");
    }
  }

  @Test
  void anEventThatTheWorkflowDoesNotWaitForStartsNothing() {
    var runs =
        fixture.push(
            RunFixture.PROJECT, "payments", TWO_JOBS.replace("on: push", "on: workflow_dispatch"));

    assertThat(runs).isEmpty();
  }

  @Test
  void runNumbersCountPerProjectWithoutGaps() {
    var other = UUID.fromString("018f0000-0000-7000-8000-000000000002");

    assertThat(fixture.push(TWO_JOBS).number()).isEqualTo(1);
    assertThat(fixture.push(other, "ledger", TWO_JOBS).getFirst().number()).isEqualTo(1);
    assertThatThrownBy(() ->
            fixture
                .database()
                .run(tx -> {
                  RunStore.nextNumber(tx, RunFixture.PROJECT);
                  throw new IllegalStateException("the transaction fails");
                }))
        .hasMessage("the transaction fails");
    assertThat(fixture.push(TWO_JOBS).number()).isEqualTo(2);
  }

  @Test
  void inputsOfADispatchAreCheckedAgainstTheirTypes() {
    var workflow =
        TWO_JOBS.replace(
            "on: push",
            "on: {workflow_dispatch: {inputs: {count: {type: number, required: true}}}}");
    var origin =
        new Origin(
            RunFixture.PROJECT,
            "payments",
            "workflow_dispatch",
            "refs/heads/main",
            RunFixture.SHA,
            "ada",
            "",
            Json.MAPPER.createObjectNode());

    var prepared =
        fixture.starter.prepare(origin, "a.yml", Map.of("a.yml", workflow), Permissions.DEFAULT);
    assertThatThrownBy(() ->
            fixture
                .database()
                .run(tx -> fixture.starter.dispatch(tx, prepared, Map.of("count", "x"), List.of())))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNPROCESSABLE))
        .hasMessageContaining("count");

    fixture
        .database()
        .run(tx -> fixture.starter.dispatch(tx, prepared, Map.of("count", "3"), List.of()));
    assertThat(fixture.claim().orElseThrow().contexts().at("/inputs/count").asInt()).isEqualTo(3);
  }

  private void tokensMay(String level) {
    fixture
        .database()
        .run(tx ->
            tx.execute(
                "INSERT INTO token_default (level, set_at, set_by) VALUES (?, now(), 'rosa')",
                level));
  }

  private Set<String> contents(Run run) {
    return fixture.jobs(run).stream()
        .map(job -> Json.MAPPER.readTree(String.valueOf(job.permissions())).path("contents"))
        .map(JsonNode::asString)
        .collect(Collectors.toSet());
  }

  @Test
  void theTokenOfAJobDoesWhatWasDecidedWhereItsWorkflowSaysNothing() {
    var silent = "on: push\njobs: {a: {runs-on: linux, steps: [{run: make}]}}\n";
    assertThat(contents(fixture.push(silent))).containsExactly("read");
    tokensMay("write");

    assertThat(contents(fixture.push(silent))).containsExactly("write");
    assertThat(contents(fixture.push("permissions: {contents: read}\n" + silent)))
        .containsExactly("read");
  }

  @Test
  void whatIsDecidedBoundsWhatACalledWorkflowMayAskFor() {
    var files = new LinkedHashMap<String, String>();
    files.put(
        ".github/workflows/ci.yml", "on: push\njobs: {a: {uses: ./.github/workflows/b.yml}}\n");
    files.put(
        ".github/workflows/b.yml",
        """
        on: workflow_call
        permissions: {contents: write}
        jobs: {b: {runs-on: linux, steps: [{run: make}]}}
        """);
    var refused = fixture.push(RunFixture.PROJECT, "payments", files).getFirst();
    assertThat(fixture.reload(refused).outcome()).isEqualTo(Outcome.FAILURE);
    tokensMay("write");

    var run = fixture.push(RunFixture.PROJECT, "payments", files).getFirst();
    assertThat(contents(run)).containsExactly("write");
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void whoAskedForAnotherAttemptWhileTheRunGoesOnIsInEvidence() {
    var run =
        fixture.push(
            """
            on: push
            jobs:
              bad: {runs-on: linux, steps: [{run: make}]}
              slow: {runs-on: linux, steps: [{run: make}]}
            """);
    fixture.end(fixture.begin(), Outcome.FAILURE);
    fixture.begin();
    var bad = fixture.job(run, "bad");

    fixture
        .database()
        .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.One(bad.id(), true), "mia"));

    var said = fixture.lastPredicate("rerun");
    assertThat(said.path("what").asString()).isEqualTo("job");
    assertThat(said.path("jobs").toString()).isEqualTo("[\"bad\"]");
    assertThat(said.path("debug").asBoolean()).isTrue();
    assertThat(said.path("attempt").asInt()).isEqualTo(1);
    assertThat(
            fixture
                .database()
                .<String>read(tx ->
                    tx.createQuery("SELECT actor FROM ledger_entry WHERE type LIKE '%/rerun/%'")
                        .mapTo(String.class)
                        .one()))
        .isEqualTo("mia");
  }

  @Test
  void cancellingARunEndsWhatWaitsAndAsksWhatRuns() {
    var run = fixture.push(TWO_JOBS);
    var test = fixture.begin();

    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));
    assertThat(fixture.leases.heartbeat(RunFixture.holder(test)).cancel()).isTrue();
    assertThat(fixture.reload(run).phase()).isEqualTo(RunPhase.RUNNING);
    fixture.end(test, Outcome.CANCELLED);

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(fixture.job(run, "publish").outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(fixture.reload(run).cancelledBy()).isEqualTo("mia");
  }

  @Test
  void cancellingARunThatNobodyClaimedEndsItAtOnce() {
    var run = fixture.push(TWO_JOBS);

    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(fixture.claim()).isEmpty();
  }

  @Test
  void aRerunOfFailedJobsKeepsTheOthersAndTheEarlierAttempts() {
    var run = fixture.push(TWO_JOBS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.FAILURE);

    fixture
        .database()
        .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.Failed(false), "mia"));

    var again = fixture.begin();
    assertThat(again.jobKey()).isEqualTo("publish");
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.contexts().at("/github/run_attempt").asString()).isEqualTo("2");
    assertThat(again.contexts().at("/github/triggering_actor").asString()).isEqualTo("mia");
    fixture.end(again, Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.reload(run).attempt()).isEqualTo(2);
    var attempts = fixture.database().read(tx -> JobStore.all(tx, run.id()));
    assertThat(attempts).hasSize(3);
  }

  @Test
  void aRerunOfAllJobsBeginsAnew() {
    var run = fixture.push(TWO_JOBS);
    fixture.end(fixture.begin(), Outcome.FAILURE);

    fixture.database().run(tx -> fixture.actions.rerun(tx, run.id(), new Again.All(false), "ada"));

    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void oneJobRunsAgainWhileOthersStillRun() {
    var run =
        fixture.push(
            """
            on: push
            jobs:
              lint: {runs-on: ubuntu-latest, steps: [{run: make lint}]}
              test: {runs-on: ubuntu-latest, steps: [{run: make test}]}
              pack: {needs: lint, runs-on: ubuntu-latest, steps: [{run: make pack}]}
            """);
    var lint = fixture.begin();
    var test = fixture.begin();
    fixture.end(lint, Outcome.FAILURE);
    assertThat(fixture.job(run, "pack").outcome()).isEqualTo(Outcome.SKIPPED);

    again(run, new Again.One(lint.job(), true));

    var second = fixture.begin();
    assertThat(second.jobKey()).isEqualTo("lint");
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.contexts().at("/vars/ACTIONS_STEP_DEBUG").asString()).isEqualTo("true");
    assertThat(test.contexts().at("/vars/ACTIONS_STEP_DEBUG").isMissingNode()).isTrue();
    assertThat(fixture.reload(run).attempt()).as("the run goes on").isEqualTo(1);
    fixture.end(second, Outcome.SUCCESS);
    var pack = fixture.begin();
    assertThat(pack.jobKey()).isEqualTo("pack");
    assertThat(pack.contexts().at("/vars/ACTIONS_STEP_DEBUG").asString()).isEqualTo("true");
    fixture.end(pack, Outcome.SUCCESS);
    fixture.end(test, Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void oneJobOfAnEndedRunTakesThoseAlongThatNeedIt() {
    var run = fixture.push(TWO_JOBS);
    var first = fixture.begin();
    fixture.end(first, Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);

    again(run, new Again.One(first.job(), false));

    assertThat(fixture.reload(run).attempt()).isEqualTo(2);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    var last = fixture.begin();
    assertThat(last.jobKey()).isEqualTo("publish");
    fixture.end(last, Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void aJobIsNotRunAgainUnderTheFeetOfOneThatNeedsIt() {
    var run = fixture.push(TWO_JOBS);
    var first = fixture.begin();
    assertThatThrownBy(() -> again(run, new Again.One(first.job(), false)))
        .hasMessageContaining("is running");
    fixture.end(first, Outcome.SUCCESS);
    var second = fixture.begin();

    assertThatThrownBy(() -> again(run, new Again.One(first.job(), false)))
        .hasMessageContaining("publish needs");

    fixture.end(second, Outcome.FAILURE);
    again(run, new Again.One(first.job(), false));
    assertThatThrownBy(() -> again(run, new Again.One(first.job(), false)))
        .as("that attempt no longer counts")
        .hasMessageContaining("not the latest attempt");
  }

  @Test
  void onePlaceOfAMatrixRunsAgainAlone() {
    var run =
        fixture.push(
            """
            on: push
            jobs:
              test:
                strategy: {fail-fast: false, matrix: {java: [21, 25]}}
                runs-on: ubuntu-latest
                steps: [{run: make test}]
            """);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    var second = fixture.begin();
    fixture.end(second, Outcome.FAILURE);

    again(run, new Again.One(second.job(), false));

    var last = fixture.begin();
    assertThat(last.jobName()).isEqualTo(second.jobName());
    fixture.end(last, Outcome.SUCCESS);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.claim()).isEmpty();
  }

  private void again(Run run, Again what) {
    fixture.database().run(tx -> fixture.actions.rerun(tx, run.id(), what, "mia"));
  }

  @Test
  void aRunThatHasNotEndedCannotBeRunAgain() {
    var run = fixture.push(TWO_JOBS);

    assertThatThrownBy(() ->
            fixture
                .database()
                .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.All(false), "ada")))
        .hasMessageContaining("has not ended");
  }

  @Test
  void aMatrixRunsItsInstancesUnderMaxParallelAndFailFast() {
    var run =
        fixture.push(
            """
            on: push
            jobs:
              test:
                strategy:
                  max-parallel: 2
                  matrix:
                    java: [21, 25, 26]
                runs-on: ubuntu-latest
                steps:
                  - run: make
            """);
    assertThat(fixture.jobs(run)).hasSize(3);
    var first = fixture.begin();
    var second = fixture.begin();
    assertThat(fixture.claim()).as("the third waits for max-parallel").isEmpty();
    assertThat(fixture.jobs(run).getLast().reason()).contains("max-parallel");

    fixture.end(first, Outcome.FAILURE);
    assertThat(fixture.leases.heartbeat(RunFixture.holder(second)).cancel()).isTrue();
    fixture.end(second, Outcome.CANCELLED);

    assertThat(fixture.jobs(run))
        .extracting(JobRun::outcome)
        .containsExactly(Outcome.FAILURE, Outcome.CANCELLED, Outcome.CANCELLED);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void theQueueServesProjectsInTurn() {
    var other = UUID.fromString("018f0000-0000-7000-8000-000000000002");
    for (var i = 0; i < 5; i++) {
      fixture.push(TWO_JOBS);
    }
    fixture.push(other, "ledger", TWO_JOBS);

    fixture.begin();
    assertThat(fixture.begin().project()).isEqualTo("ledger");
  }

  @Test
  void anAgentWithoutTheLabelsGetsNothing() {
    fixture.push(TWO_JOBS.replace("ubuntu-latest", "windows"));

    assertThat(fixture.claim()).isEmpty();
  }

  @Test
  void anAgentThatIsGoneMakesItsJobAnErrorThatNamesIt() {
    var run = fixture.push(TWO_JOBS);
    fixture.begin();

    fixture.timer.tick();
    for (var i = 0; i < 4; i++) {
      fixture.clock.tick(Duration.ofSeconds(9));
      fixture.timer.tick();
    }

    var job = fixture.job(run, "test");
    assertThat(job.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(job.reason()).isEqualTo("agent local gone: no heartbeat since 2026-11-22T14:00:00Z");
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
  }

  @Test
  void aJobThatSaysItIsSafeRunsOnceMoreWhenItsAgentIsGone() {
    var run = fixture.push(TWO_JOBS.replace("on: push", "on: push\nenv: {FAIRWAY_RETRY: safe}"));
    fixture.begin();
    loseAgent();
    var again = fixture.begin();
    assertThat(again.jobKey()).isEqualTo("test");
    assertThat(again.attempt()).isEqualTo(2);

    loseAgent();

    assertThat(fixture.claim()).isEmpty();
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
  }

  @Test
  void ourOwnAbsenceCostsNoJobItsLease() {
    var run = fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    fixture.timer.tick();

    fixture.clock.tick(Duration.ofMinutes(10));
    fixture.timer.tick();

    fixture.end(assignment, Outcome.SUCCESS);
    assertThat(fixture.job(run, "test").outcome()).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void anAgentThatIgnoresACancellationLosesTheJob() {
    var run = fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    fixture.timer.tick();
    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));

    for (var i = 0; i < 13; i++) {
      fixture.clock.tick(Duration.ofSeconds(9));
      fixture.leases.heartbeat(RunFixture.holder(assignment));
      fixture.timer.tick();
    }
    assertThat(fixture.reload(run).phase()).isEqualTo(RunPhase.RUNNING);
    fixture.clock.tick(Duration.ofSeconds(9));
    fixture.timer.tick();

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.CANCELLED);
    assertThatThrownBy(() -> fixture.leases.heartbeat(RunFixture.holder(assignment)))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST));
  }

  private void loseAgent() {
    fixture.timer.tick();
    for (var i = 0; i < 4; i++) {
      fixture.clock.tick(Duration.ofSeconds(9));
      fixture.timer.tick();
    }
  }

  @Test
  void aRunWhoseWorkflowThisVersionRefusesEndsAsAnErrorThatSaysWhy() {
    var run = fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    replaceWorkflow(run, "on: push\njobs: {test: {unknown: 1}}\n");

    fixture.end(assignment, Outcome.SUCCESS);

    var ended = fixture.reload(run);
    assertThat(ended.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(fixture.job(run, "test").outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(fixture.jobs(run))
        .filteredOn(job -> !job.name().equals("test"))
        .allSatisfy(job -> {
          assertThat(job.outcome()).isEqualTo(Outcome.ERROR);
          assertThat(job.reason()).contains("This version of Fairway refuses the workflow", ":2:");
        });
    var findings = fixture.database().read(tx -> DetailStore.annotations(tx, run.id()));
    assertThat(findings).extracting(Annotation::message).anyMatch(text -> text.contains("refuses"));
    assertThatThrownBy(() ->
            fixture
                .database()
                .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.All(false), "mia")))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void cancellingARunWhoseWorkflowIsRefusedNowStopsWhatRuns() {
    var run = fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    replaceWorkflow(run, "on: never\n");

    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));

    assertThat(fixture.leases.heartbeat(RunFixture.holder(assignment)).cancel()).isTrue();
    fixture.end(assignment, Outcome.CANCELLED);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
  }

  private void replaceWorkflow(Run run, String text) {
    fixture
        .database()
        .run(tx ->
            tx.createUpdate("UPDATE run SET workflow_text = :text WHERE id = :id")
                .bind("text", text)
                .bind("id", run.id())
                .execute());
  }

  @Test
  void aRunThatCannotBeDecidedKeepsNoOtherLeaseAlive() {
    var broken = fixture.push(TWO_JOBS);
    fixture.begin();
    var run = fixture.push(RunFixture.PROJECT, "payments", TWO_JOBS).getFirst();
    fixture.begin();
    fixture
        .database()
        .run(tx ->
            tx.createUpdate(
                    """
                    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF NEW.run_id = '%s' THEN RAISE EXCEPTION 'refused'; END IF;
                    RETURN NEW; END $$;
                    CREATE TRIGGER refuse BEFORE UPDATE ON job FOR EACH ROW
                    WHEN (NEW.phase = 'ended') EXECUTE FUNCTION refuse()
                    """
                        .formatted(broken.id()))
                .execute());

    try {
      loseAgent();
    } catch (RuntimeException e) {
      assertThat(e).hasStackTraceContaining("refused");
    }

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
  }

  @Test
  void aStepThatWasRunningWhenItsAgentWentDoesNotRunForEver() {
    var run = fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    var started = new JobEvent.StepStarted(fixture.clock.instant(), 0, "Set up job", 0, 1);
    fixture.leases.events(
        RunFixture.holder(assignment), new JobEvents(assignment.fence(), 0, List.of(started)));

    loseAgent();

    var steps = fixture.database().read(tx -> DetailStore.steps(tx, assignment.job()));
    assertThat(steps).singleElement().extracting(StepRun::conclusion).isEqualTo(Outcome.ERROR);
    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.ERROR);
  }

  @Test
  void aFullDiskOfTheDatabaseIsSaidAndTheLogIsTakenLater() {
    fixture.push(TWO_JOBS);
    var assignment = fixture.begin();
    var holder = RunFixture.holder(assignment);
    var logs = new JobLogs(fixture.database());
    var bytes = "first line\n".getBytes(StandardCharsets.UTF_8);
    fixture
        .database()
        .run(tx ->
            tx.createUpdate(
                    """
                    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON log_segment
                    FOR EACH ROW EXECUTE FUNCTION full_disk()
                    """)
                .execute());

    assertThatThrownBy(() -> fixture.leases.append(holder, 0, bytes, logs))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
              assertThat(e.getMessage()).isEqualTo("The database's disk is full");
            });

    fixture
        .database()
        .run(tx -> tx.createUpdate("DROP TRIGGER full_disk ON log_segment").execute());
    assertThat(fixture.leases.append(holder, 0, bytes, logs).size()).isEqualTo(bytes.length);
  }
}
