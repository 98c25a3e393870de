package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunPlannerTest {

  private static String jobs(String... jobs) {
    return "on: push\njobs:\n"
        + String.join("", Stream.of(jobs).map(job -> job.indent(2)).toList());
  }

  private static String job(String id, String... lines) {
    return id
        + ":\n  runs-on: linux\n  steps:\n    - run: echo hi\n"
        + String.join("", Stream.of(lines).map(line -> line.indent(2)).toList());
  }

  @Test
  void startsWhatNeedsNothingAndThenWhatNeededIt() {
    PlannedRun run =
        new PlannedRun(jobs(job("build"), job("lint"), job("deploy", "needs: [build, lint]")));

    assertThat(run.next()).containsExactly("start build", "start lint");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("build", Outcome.SUCCESS).next()).isEmpty();
    assertThat(run.end("lint", Outcome.SUCCESS).next()).containsExactly("start deploy");
    assertThat(run.end("deploy", Outcome.SUCCESS).step().outcome()).contains(Outcome.SUCCESS);
  }

  @Test
  void skipsTheWholeChainBehindAFailureAndSaysWhy() {
    PlannedRun run = new PlannedRun(jobs(job("a"), job("b", "needs: a"), job("c", "needs: b")));
    run.step();

    Plan plan = run.end("a", Outcome.FAILURE).step();

    assertThat(plan.decisions())
        .containsExactly(
            new Decision.Conclude(
                new JobKey("b", 0), "b", Outcome.SKIPPED, "It needs 'a', which ended as failure."),
            new Decision.Conclude(
                new JobKey("c", 0), "c", Outcome.SKIPPED, "It needs 'b', which ended as skipped."));
    assertThat(plan.outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void decidesNothingNewAboutAMatrixJobThatWasSkippedAsAWhole() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job("a"),
                job("b", "needs: a", "strategy:", "  matrix:", "    os: [x, y, z]"),
                job("c", "if: always()")));
    run.step();
    assertThat(run.end("a", Outcome.FAILURE).next()).containsExactly("skipped b");

    assertThat(run.next()).isEmpty();
    assertThat(run.end("c", Outcome.SUCCESS).step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void aFailureFarAwayIsSeenByStatusFunctionsAndASkipStopsTheDefaultCondition() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job("a"),
                job("b", "needs: a", "if: always()"),
                job("c", "needs: b"),
                job("d", "needs: b", "if: failure()"),
                job("e", "needs: b", "if: success('b')")));
    run.step();
    assertThat(run.end("a", Outcome.FAILURE).next()).containsExactly("start b");

    assertThat(run.end("b", Outcome.SUCCESS).next())
        .containsExactly("skipped c", "start d", "start e");
  }

  @Test
  void aConditionReadsOutputsAndResultsOfNeededJobs() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job("a"),
                job("b", "needs: a", "if: needs.a.outputs.changed == 'yes'"),
                job("c", "needs: a", "if: needs.a.outputs.changed == 'no'"),
                job("d", "needs: a", "name: after ${{ needs.a.result }}")));
    run.step();

    run.end(new JobKey("a", 0), Outcome.SUCCESS, Map.of("changed", "yes"));

    assertThat(run.next()).containsExactly("start b", "skipped c", "start after success");
  }

  @Test
  void aFailedMatrixInstanceCancelsItsSiblingsUnlessToldOtherwise() {
    PlannedRun run =
        new PlannedRun(
            jobs(job("t", "strategy:", "  max-parallel: 2", "  matrix:", "    n: [1, 2, 3]")));
    Plan plan = run.step();
    assertThat(plan.held()).extracting(JobInstance::name).containsExactly("t (3)");
    assertThat(run.log()).containsExactly("start t (1)", "start t (2)");

    assertThat(run.end("t", Outcome.FAILURE).next())
        .containsExactly("cancel t#1", "cancelled t (3)");
    run.end(new JobKey("t", 1), Outcome.CANCELLED, Map.of());
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);

    PlannedRun patient =
        new PlannedRun(
            jobs(job("t", "strategy:", "  fail-fast: false", "  matrix:", "    n: [1, 2]")));
    patient.step();
    assertThat(patient.end("t", Outcome.FAILURE).next()).isEmpty();
  }

  @Test
  void maxParallelStartsTheNextInstanceWhenOneEnds() {
    PlannedRun run =
        new PlannedRun(
            jobs(job("t", "strategy:", "  max-parallel: 1", "  matrix:", "    n: [1, 2]")));
    assertThat(run.next()).containsExactly("start t (1)");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("t", Outcome.SUCCESS).next()).containsExactly("start t (2)");
  }

  @Test
  void aToleratedFailureIsASuccessForTheRunAndForJobsThatNeedIt() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job(
                    "t",
                    "continue-on-error: ${{ matrix.n == 2 }}",
                    "strategy:",
                    "  matrix:",
                    "    n: [1, 2]"),
                job("after", "needs: t")));
    run.step();
    run.end(new JobKey("t", 1), Outcome.FAILURE, Map.of());
    assertThat(run.next()).isEmpty();
    assertThat(run.end("t", Outcome.SUCCESS).next()).containsExactly("start after");
    assertThat(run.end("after", Outcome.SUCCESS).step().outcome()).contains(Outcome.SUCCESS);
  }

  @Test
  void cancellingARunStopsWhatRunsAndConcludesTheRestButRunsWhatAsksForIt() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job("a"),
                job("b", "needs: a", "strategy:", "  matrix:", "    n: [1, 2]"),
                job("clean", "needs: a", "if: always()")));
    run.step();

    assertThat(run.cancel().next()).containsExactly("cancel a");
    assertThat(run.end("a", Outcome.CANCELLED).next())
        .containsExactly("cancelled b", "start clean");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("clean", Outcome.SUCCESS).step().outcome()).contains(Outcome.CANCELLED);
  }

  @Test
  void expandsAMatrixThatAnEarlierJobMade() {
    PlannedRun run =
        new PlannedRun(
            jobs(
                job("plan"),
                job(
                    "t",
                    "needs: plan",
                    "strategy:",
                    "  matrix:",
                    "    item: ${{ fromJSON(needs.plan.outputs.list) }}",
                    "timeout-minutes: ${{ matrix.item == 'a' && 5 || 10 }}")));
    run.step();
    run.end(new JobKey("plan", 0), Outcome.SUCCESS, Map.of("list", "[\"a\", \"b\"]"));

    assertThat(run.next()).containsExactly("start t (a)", "start t (b)");
    JobInstance second = run.instance(new JobKey("t", 1));
    assertThat(second.timeout()).hasMinutes(10);
    assertThat(second.labels()).containsExactly("linux");
    assertThat(second.strategy().toCompactJson())
        .isEqualTo("{\"fail-fast\":true,\"job-index\":1,\"job-total\":2,\"max-parallel\":2}");
    assertThat(second.needs().toCompactJson())
        .contains("\"result\":\"success\"")
        .contains("\"list\":");
  }

  @Test
  void aDefinitionWithoutAValueFailsTheJobAtItsPlace() {
    PlannedRun run =
        new PlannedRun(
            jobs(job("t", "strategy:", "  matrix:", "    item: ${{ fromJSON('nonsense') }}")));

    Plan plan = run.step();

    assertThat(plan.decisions())
        .containsExactly(
            new Decision.Conclude(
                new JobKey("t", 0),
                "t",
                Outcome.FAILURE,
                "ci.yml:9:15: Unexpected 'n' at position 1 of the JSON text."));
    assertThat(plan.outcome()).contains(Outcome.FAILURE);
    assertThat(run.next()).isEmpty();
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void tellsTheUsersFailureFromOurError() {
    PlannedRun run = new PlannedRun(jobs(job("a"), job("b")));
    run.step();
    run.end("a", Outcome.ERROR);
    assertThat(run.end("b", Outcome.SUCCESS).step().outcome()).contains(Outcome.ERROR);

    PlannedRun both = new PlannedRun(jobs(job("a"), job("b")));
    both.step();
    both.end("a", Outcome.ERROR);
    assertThat(both.end("b", Outcome.FAILURE).step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void aRunWhoseJobsAreAllSkippedIsSkipped() {
    PlannedRun run = new PlannedRun(jobs(job("a", "if: github.ref == 'refs/heads/other'")));

    Plan plan = run.step();

    assertThat(plan.outcome()).contains(Outcome.SKIPPED);
    assertThat(((Decision.Conclude) plan.decisions().getFirst()).reason())
        .isEqualTo("Its condition is false: ${{ github.ref == 'refs/heads/other' }}");
  }
}
