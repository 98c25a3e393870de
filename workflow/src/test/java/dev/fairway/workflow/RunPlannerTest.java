package dev.fairway.workflow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunPlannerTest {

  /// Carries out plans as a server would: it remembers what was decided and what ended.
  private static final class Run {
    private final Workflow workflow;
    private final Map<JobKey, JobState> jobs = new LinkedHashMap<>();
    private final Map<JobKey, JobInstance> instances = new LinkedHashMap<>();
    private final List<String> log = new ArrayList<>();
    private boolean cancelled;
    private Contexts contexts =
        Contexts.empty().with("github", Value.ofJson("{\"ref\": \"refs/heads/main\"}"));

    Run(String text) {
      workflow = Workflows.valid(text);
    }

    Plan step() {
      Plan plan =
          RunPlanner.plan(workflow, new RunState(contexts, List.copyOf(jobs.values()), cancelled));
      for (Decision decision : plan.decisions()) {
        switch (decision) {
          case Decision.Start start -> {
            jobs.put(start.key(), new JobState.Active(start.key()));
            instances.put(start.key(), start.instance());
            log.add("start " + start.instance().name());
          }
          case Decision.Conclude conclude -> {
            jobs.put(
                conclude.key(),
                new JobState.Finished(conclude.key(), conclude.outcome(), Map.of()));
            log.add(conclude.outcome().label() + " " + conclude.name());
          }
          case Decision.Cancel cancel -> log.add("cancel " + cancel.key());
        }
      }
      return plan;
    }

    /// What a fresh plan decides.
    List<String> next() {
      log.clear();
      step();
      return List.copyOf(log);
    }

    Run end(String job, Outcome outcome) {
      return end(new JobKey(job, 0), outcome, Map.of());
    }

    Run end(JobKey key, Outcome outcome, Map<String, String> outputs) {
      assertThat(jobs.get(key)).isEqualTo(new JobState.Active(key));
      jobs.put(key, new JobState.Finished(key, outcome, outputs));
      return this;
    }

    Run cancel() {
      cancelled = true;
      return this;
    }
  }

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
    Run run = new Run(jobs(job("build"), job("lint"), job("deploy", "needs: [build, lint]")));

    assertThat(run.next()).containsExactly("start build", "start lint");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("build", Outcome.SUCCESS).next()).isEmpty();
    assertThat(run.end("lint", Outcome.SUCCESS).next()).containsExactly("start deploy");
    assertThat(run.end("deploy", Outcome.SUCCESS).step().outcome()).contains(Outcome.SUCCESS);
  }

  @Test
  void skipsTheWholeChainBehindAFailureAndSaysWhy() {
    Run run = new Run(jobs(job("a"), job("b", "needs: a"), job("c", "needs: b")));
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
    Run run =
        new Run(
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
    Run run =
        new Run(
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
    Run run =
        new Run(
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
    Run run =
        new Run(jobs(job("t", "strategy:", "  max-parallel: 2", "  matrix:", "    n: [1, 2, 3]")));
    Plan plan = run.step();
    assertThat(plan.held()).extracting(JobInstance::name).containsExactly("t (3)");
    assertThat(run.log).containsExactly("start t (1)", "start t (2)");

    assertThat(run.end("t", Outcome.FAILURE).next())
        .containsExactly("cancel t#1", "cancelled t (3)");
    run.end(new JobKey("t", 1), Outcome.CANCELLED, Map.of());
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);

    Run patient =
        new Run(jobs(job("t", "strategy:", "  fail-fast: false", "  matrix:", "    n: [1, 2]")));
    patient.step();
    assertThat(patient.end("t", Outcome.FAILURE).next()).isEmpty();
  }

  @Test
  void maxParallelStartsTheNextInstanceWhenOneEnds() {
    Run run =
        new Run(jobs(job("t", "strategy:", "  max-parallel: 1", "  matrix:", "    n: [1, 2]")));
    assertThat(run.next()).containsExactly("start t (1)");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("t", Outcome.SUCCESS).next()).containsExactly("start t (2)");
  }

  @Test
  void aToleratedFailureIsASuccessForTheRunAndForJobsThatNeedIt() {
    Run run =
        new Run(
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
    Run run =
        new Run(
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
    Run run =
        new Run(
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
    JobInstance second = requireNonNull(run.instances.get(new JobKey("t", 1)));
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
    Run run =
        new Run(jobs(job("t", "strategy:", "  matrix:", "    item: ${{ fromJSON('nonsense') }}")));

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
    Run run = new Run(jobs(job("a"), job("b")));
    run.step();
    run.end("a", Outcome.ERROR);
    assertThat(run.end("b", Outcome.SUCCESS).step().outcome()).contains(Outcome.ERROR);

    Run both = new Run(jobs(job("a"), job("b")));
    both.step();
    both.end("a", Outcome.ERROR);
    assertThat(both.end("b", Outcome.FAILURE).step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void aRunWhoseJobsAreAllSkippedIsSkipped() {
    Run run = new Run(jobs(job("a", "if: github.ref == 'refs/heads/other'")));

    Plan plan = run.step();

    assertThat(plan.outcome()).contains(Outcome.SKIPPED);
    assertThat(((Decision.Conclude) plan.decisions().getFirst()).reason())
        .isEqualTo("Its condition is false: ${{ github.ref == 'refs/heads/other' }}");
  }
}
