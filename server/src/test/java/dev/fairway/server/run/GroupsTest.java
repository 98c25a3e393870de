package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import dev.fairway.server.evidence.Schemas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs and jobs that share a concurrency group.
final class GroupsTest {
  private static final String WHOLE =
      """
      on: push
      concurrency: Deploy
      jobs:
        go: {runs-on: linux, steps: [{run: make}]}
      """;

  private static final String JOB =
      """
      on: push
      jobs:
        test: {runs-on: linux, steps: [{run: make}]}
        go:
          needs: test
          concurrency: {group: deploy}
          runs-on: linux
          steps: [{run: make}]
      """;

  private final RunFixture fixture = new RunFixture();
  private final Wakeups wakeups = new Wakeups(fixture.database(), fixture.scheduler);

  @AfterEach
  void close() {
    Schemas.requireLedgerToFit(fixture.database());
    wakeups.close();
    fixture.close();
  }

  private String state(Run run) {
    return fixture.reload(run).stateWord();
  }

  @Test
  void theNextRunOfAGroupWaitsUntilTheFirstHasEnded() {
    var first = fixture.push(WHOLE);
    var second = fixture.push(WHOLE.replace("Deploy", "dEPLOY"));
    var job = fixture.begin();
    assertThat(job.run()).isEqualTo(first.id());
    assertThat(fixture.claim()).isEmpty();
    assertThat(fixture.database().read(tx -> Groups.waiting(tx, second)).orElseThrow())
        .isEqualTo("waits for the group dEPLOY, held by run #1");

    fixture.end(job, Outcome.FAILURE);
    assertThat(fixture.claim()).as("a wake-up decides, not the end of another run").isEmpty();
    wakeups.look();

    var next = fixture.begin();
    assertThat(next.run()).isEqualTo(second.id());
    fixture.end(next, Outcome.SUCCESS);
    assertThat(state(second)).isEqualTo("success");
    List<Groups.Turn> left = fixture.database().read(tx -> Groups.of(tx, second.id()));
    assertThat(left).isEmpty();
  }

  private static String crossed(String whole, String job) {
    return JOB.replace("on: push\n", "on: push\nconcurrency: " + whole + "\n")
        .replace("deploy", job);
  }

  @Test
  void whoWouldCloseACircleOfWaitingFailsAndTheOtherGoesOn() {
    var first = fixture.push(crossed("Sea", "land"));
    var second = fixture.push(crossed("Land", "sea"));
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.job(first, "go").reason())
        .isEqualTo("waits for the group land, held by run #2");

    fixture.end(fixture.begin(), Outcome.SUCCESS);

    assertThat(fixture.job(second, "go").outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(fixture.job(second, "go").reason())
        .isEqualTo(
            "Deadlock: it would wait for the group sea, held by run #1, of which run #1, go waits"
                + " for the group land, held by run #2, which it is part of. Rename one of the"
                + " groups.");
    assertThat(state(second)).isEqualTo("failure");
    wakeups.look();
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(state(first)).isEqualTo("success");
  }

  @Test
  void aNewcomerThatCancelsWhoIsInItsWayClosesNoCircle() {
    var first = fixture.push(crossed("Sea", "land"));
    var second =
        fixture.push(
            crossed("Land", "sea").replace("group: sea", "group: sea, cancel-in-progress: true"));
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    wakeups.look();

    assertThat(state(first)).isEqualTo("cancelled");
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(state(second)).isEqualTo("success");
  }

  @Test
  void aCalledWorkflowWithTheGroupOfItsCallerSharesTheHoldAndCancelsNobody() {
    var files = new LinkedHashMap<String, String>();
    files.put(
        ".github/workflows/ci.yml",
        """
        on: push
        concurrency: {group: deploy, cancel-in-progress: true}
        jobs:
          ship: {uses: ./.github/workflows/ship.yml}
        """);
    files.put(
        ".github/workflows/ship.yml",
        """
        on: workflow_call
        concurrency: {group: Deploy, cancel-in-progress: true}
        jobs:
          go: {runs-on: linux, steps: [{run: make}]}
        """);
    var run = fixture.push(RunFixture.PROJECT, "payments", files).getFirst();

    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(state(run)).isEqualTo("success");
  }

  @Test
  void otherProjectsHaveGroupsOfTheirOwn() {
    fixture.push(WHOLE);
    fixture.push(UUID.fromString("018f0000-0000-7000-8000-000000000002"), "ledger", WHOLE);

    assertThat(List.of(fixture.begin().project(), fixture.begin().project()))
        .containsExactlyInAnyOrder("payments", "ledger");
  }

  @Test
  void aNewcomerTakesThePlaceOfTheOneThatWaits() {
    var first = fixture.push(WHOLE);
    var second = fixture.push(WHOLE);
    var third = fixture.push(WHOLE);
    wakeups.look();

    assertThat(state(first)).isEqualTo("queued");
    assertThat(state(second)).isEqualTo("cancelled");
    assertThat(fixture.reload(second).cancelledBy())
        .isEqualTo("run #3 took its place in the group Deploy");
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    assertThat(fixture.begin().run()).isEqualTo(third.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{group: d, queue: max}",
        "${{ fromJSON('{\"group\":\"d\",\"queue\":\"max\"}') }}"
      })
  void aQueueOfAGroupKeepsEverybodyInTheOrderOfTheirComing(String concurrency) {
    var workflow = WHOLE.replace("concurrency: Deploy", "concurrency: " + concurrency);
    var runs = List.of(fixture.push(workflow), fixture.push(workflow), fixture.push(workflow));

    for (var run : runs) {
      wakeups.look();
      var job = fixture.begin();
      assertThat(job.run()).isEqualTo(run.id());
      fixture.end(job, Outcome.SUCCESS);
    }
  }

  @Test
  void aNewcomerThatCancelsWhatIsInProgressBeginsOnceThatHasStopped() {
    var workflow =
        WHOLE.replace("concurrency: Deploy", "concurrency: {group: d, cancel-in-progress: true}");
    var first = fixture.push(workflow);
    var running = fixture.begin();
    var second = fixture.push(workflow);
    wakeups.look();
    assertThat(fixture.leases.heartbeat(RunFixture.holder(running)).cancel()).isTrue();
    assertThat(fixture.claim()).isEmpty();

    fixture.end(running, Outcome.CANCELLED);
    wakeups.look();

    assertThat(state(first)).isEqualTo("cancelled");
    assertThat(fixture.begin().run()).isEqualTo(second.id());
  }

  @Test
  void aRunWhoseGroupIsNoneFailsBeforeItsFirstJobAndNamesThePlace() {
    var run =
        fixture.push(
            WHOLE.replace("Deploy", "${{ fromJSON('{\"group\":\"d\",\"cancel\":true}') }}"));

    assertThat(state(run)).isEqualTo("failure");
    assertThat(fixture.jobs(run)).isEmpty();
    var finding = fixture.database().read(tx -> DetailStore.annotations(tx, run.id())).getFirst();
    assertThat(finding.place()).isEqualTo(".github/workflows/ci.yml:2:14");
    assertThat(finding.message())
        .isEqualTo("Unexpected value 'cancel'. Expected group, cancel-in-progress, queue");
  }

  @Test
  void aJobHoldsTheGroupThatAnEarlierOneMadeAndFailsWhereItIsNone() {
    var workflow =
        JOB.replace("{group: deploy}", "${{ fromJSON(needs.test.outputs.made) }}")
            .replace(
                "linux, steps", "linux, outputs: {made: '${{ steps.s.outputs.made }}'}, steps");
    var runs = List.of(fixture.push(workflow), fixture.push(workflow), fixture.push(workflow));
    for (var made : List.of("{\"group\":\"sea\"}", "{\"group\":\"SEA\"}", "[]")) {
      fixture.end(fixture.begin(), Outcome.SUCCESS, Map.of("made", made));
    }

    assertThat(fixture.begin().run()).isEqualTo(runs.get(0).id());
    assertThat(fixture.job(runs.get(1), "go").reason())
        .isEqualTo("waits for the group SEA, held by run #1, go");
    assertThat(fixture.job(runs.get(2), "go").reason())
        .isEqualTo(".github/workflows/ci.yml:6:18: A string or a mapping was expected, not Array");
    assertThat(state(runs.get(2))).isEqualTo("failure");
  }

  @Test
  void aJobWaitsForItsGroupAloneAndSaysWhoHasIt() {
    fixture.push(JOB);
    var second = fixture.push(JOB);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    fixture.end(fixture.begin(), Outcome.SUCCESS);

    var go = fixture.begin();
    assertThat(fixture.claim()).isEmpty();
    assertThat(fixture.job(second, "go").reason())
        .isEqualTo("waits for the group deploy, held by run #1, go");
    fixture.end(go, Outcome.SUCCESS);
    wakeups.look();
    assertThat(fixture.begin().run()).isEqualTo(second.id());
  }

  @Test
  void aJobThatLosesItsPlaceIsCancelledAndTheRunEnds() {
    fixture.push(JOB);
    var second = fixture.push(JOB);
    var third = fixture.push(JOB);
    var tests = List.of(fixture.begin(), fixture.begin(), fixture.begin());
    tests.forEach(test -> fixture.end(test, Outcome.SUCCESS));
    wakeups.look();

    assertThat(fixture.job(second, "go").reason())
        .isEqualTo("run #3 took its place in the group deploy.");
    assertThat(state(second)).isEqualTo("cancelled");
    assertThat(fixture.job(third, "go").reason()).startsWith("waits for");
  }

  @Test
  void cancellingWhoWaitsLetsNothingOfItRun() {
    fixture.push(WHOLE);
    var second = fixture.push(WHOLE.replace("go: {", "go: {if: always(), "));

    fixture.database().run(tx -> fixture.actions.cancel(tx, second.id(), "mia"));

    assertThat(state(second)).isEqualTo("cancelled");
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    assertThat(fixture.claim()).isEmpty();
  }

  @Test
  void aCallHoldsItsGroupUntilAllItsJobsHaveEnded() {
    var files = new LinkedHashMap<String, String>();
    files.put(
        ".github/workflows/ci.yml",
        """
        on: push
        jobs:
          deploy: {uses: ./.github/workflows/deploy.yml, concurrency: d}
        """);
    files.put(
        ".github/workflows/deploy.yml",
        """
        on: workflow_call
        jobs:
          one: {runs-on: linux, steps: [{run: make}]}
          two: {needs: one, runs-on: linux, steps: [{run: make}]}
        """);
    fixture.push(RunFixture.PROJECT, "payments", files);
    var second = fixture.push(RunFixture.PROJECT, "payments", files).getFirst();

    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    assertThat(fixture.job(second, "deploy / one").phase()).isEqualTo(JobPhase.WAITING);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    assertThat(fixture.begin().run()).isEqualTo(second.id());
  }

  @Test
  void manyAtOnceLeaveExactlyOneThatHoldsTheGroup() throws Exception {
    var begin = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Run>> pushes =
          IntStream.range(0, 8)
              .mapToObj(_ ->
                  threads.submit(() -> {
                    begin.await();
                    return fixture.push(WHOLE);
                  }))
              .toList();
      begin.countDown();
      for (var push : pushes) {
        push.get();
      }
    }
    wakeups.look();

    var held =
        fixture
            .database()
            .read(tx ->
                tx.createQuery("SELECT count(*) FROM concurrency_turn WHERE held")
                    .mapTo(Long.class)
                    .one());
    assertThat(held).isEqualTo(1);
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    wakeups.look();
    fixture.end(fixture.begin(), Outcome.SUCCESS);
    assertThat(fixture.claim()).isEmpty();
  }
}
