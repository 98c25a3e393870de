package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StandstillTest {
  private static final String TWO =
      """
      on: push
      jobs:
        a: {runs-on: linux, steps: [{run: make}]}
        b: {runs-on: linux, steps: [{run: make}]}
      """;

  /// Whether nothing is to be decided after the job has ended like that.
  private static boolean standstill(RunFixture fixture, Run run, String job, Outcome outcome) {
    var end = new RunEvidence.JobEnd(fixture.job(run, job), outcome, "", "{}");
    return fixture
        .database()
        .transaction(tx -> Standstill.after(tx, RunStore.lock(tx, run.id()), List.of(end)));
  }

  @Test
  void thereIsOneWhileOthersRunAndNobodyWaits() {
    try (var fixture = new RunFixture()) {
      var run = fixture.push(TWO);
      var first = fixture.begin();
      fixture.end(first, Outcome.SUCCESS);

      assertThat(standstill(fixture, run, first.jobName(), Outcome.SUCCESS)).isTrue();
      assertThat(standstill(fixture, run, first.jobName(), Outcome.FAILURE)).isFalse();

      fixture.end(fixture.begin(), Outcome.SUCCESS);
      assertThat(standstill(fixture, run, first.jobName(), Outcome.SUCCESS))
          .as("the run ends with its last job")
          .isFalse();
    }
  }

  @Test
  void thereIsNoneWhereAJobWaits() {
    try (var fixture = new RunFixture()) {
      var run = fixture.push(TWO + "  c: {needs: b, runs-on: linux, steps: [{run: make}]}\n");
      var first = fixture.begin();
      fixture.end(first, Outcome.SUCCESS);

      assertThat(standstill(fixture, run, first.jobName(), Outcome.SUCCESS)).isFalse();
    }
  }

  @Test
  void theNextInstanceOfACallBeginsWhileAnotherJobRuns() {
    try (var fixture = new RunFixture()) {
      var files = new LinkedHashMap<String, String>();
      files.put(
          ".github/workflows/ci.yml",
          """
          on: push
          jobs:
            long: {runs-on: linux, steps: [{run: make}]}
            call:
              strategy: {max-parallel: 1, matrix: {n: [1, 2]}}
              uses: ./.github/workflows/called.yml
          """);
      files.put(
          ".github/workflows/called.yml",
          "on: workflow_call\njobs: {in: {runs-on: linux, steps: [{run: make}]}}\n");
      var run = fixture.push(RunFixture.PROJECT, "payments", files).getFirst();
      var one = fixture.begin();
      var other = fixture.begin();
      assertThat(fixture.claim()).isEmpty();

      fixture.end(one.jobName().equals("long") ? other : one, Outcome.SUCCESS);

      assertThat(fixture.begin().jobName()).startsWith("call (2)");
      assertThat(fixture.reload(run).phase()).isEqualTo(RunPhase.RUNNING);
    }
  }
}
