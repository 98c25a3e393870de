package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// How jobs end, and begin again, through a real server and a real agent.
final class OutcomesTest extends SystemTest {
  private static SampleProject project(String name, String workflow) {
    return SampleProject.create(up, ada, name).write(".github/workflows/ci.yml", workflow);
  }

  private static JsonNode job(JsonNode run, String name) {
    return run.path("jobs")
        .valueStream()
        .filter(job -> job.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no job " + name + " in " + run));
  }

  private static List<String> outcomes(JsonNode run) {
    return run.path("jobs")
        .valueStream()
        .map(job -> job.path("name").asString() + " " + job.path("outcome").asString())
        .toList();
  }

  private static List<String> steps(JsonNode job) {
    return job.path("steps")
        .valueStream()
        .map(step -> step.path("name").asString() + " " + step.path("outcome").asString())
        .toList();
  }

  private static String outcome(JsonNode run) {
    return run.path("run").path("outcome").asString();
  }

  @Test
  void aJobAndAStepThatTakeTooLongAreTimedOut() {
    var project =
        project(
            "tide",
            """
            on: push
            jobs:
              step:
                runs-on: linux
                steps:
                  - {name: Slow, timeout-minutes: 0.01, run: sleep 600}
                  - {name: Behind, if: failure(), run: 'true'}
              job:
                runs-on: linux
                timeout-minutes: 0.02
                steps: [{name: Slow, run: sleep 600}]
              after:
                needs: [step, job]
                if: failure()
                runs-on: linux
                steps: [{run: 'test "${{ needs.step.result }} ${{ needs.job.result }}" = "failure failure"'}]
            """);
    project.push("Begin");
    var run = project.endedRun(1);

    assertThat(outcomes(run))
        .as(run.toString())
        .containsExactly("step timed_out", "job timed_out", "after success");
    assertThat(steps(job(run, "step")))
        .containsExactly("Set up job success", "Slow timed_out", "Behind success");
    assertThat(outcome(run)).isEqualTo("timed_out");
  }

  @Test
  void aFailureThatIsToleratedNeitherFailsTheRunNorStopsItsMatrix() {
    var project =
        project(
            "swell",
            """
            on: push
            jobs:
              plan:
                runs-on: linux
                outputs: {to: "${{ steps.x.outputs.to }}"}
                steps: [{id: x, run: 'echo "to={\\"include\\":[{\\"at\\":\\"north\\"},{\\"at\\":\\"south\\",\\"rough\\":true}]}" >> "$GITHUB_OUTPUT"'}]
              sail:
                needs: plan
                strategy: {matrix: "${{ fromJSON(needs.plan.outputs.to) }}"}
                continue-on-error: ${{ matrix.rough == true }}
                runs-on: linux
                steps:
                  - {id: x, continue-on-error: true, run: exit 3}
                  - run: test "${{ steps.x.outcome }} ${{ steps.x.conclusion }}" = "failure success"
                  - run: test "${{ matrix.at }}" = north
              land:
                needs: sail
                runs-on: linux
                steps: [{run: 'test "${{ needs.sail.result }}" = success'}]
            """);
    project.push("Begin");
    var run = project.endedRun(1);

    assertThat(outcomes(run))
        .as(run.toString())
        .containsExactlyInAnyOrder(
            "plan success", "sail (north) success", "sail (south, true) failure", "land success");
    assertThat(outcome(run)).isEqualTo("success");
  }

  @Test
  void aRunThatIsCancelledCleansUpAndStopsWhatFollows() throws IOException {
    try (var gate = new Gate()) {
      var project =
          project(
              "anchor",
              """
              on: push
              jobs:
                hold:
                  runs-on: linux
                  steps:
                    - {name: Hold, run: '%s'}
                    - {name: Never, run: 'true'}
                    - {name: Tidy, if: cancelled(), run: 'true'}
                after: {needs: hold, runs-on: linux, steps: [{run: 'true'}]}
              """
                  .formatted(gate.waiting("hold")));
      project.push("Begin");
      var held = gate.await("hold");
      ada.api().post(project.path() + "/runs/1/cancel", Map.of());
      held.awaitDeath();
      var run = project.endedRun(1);

      assertThat(outcomes(run))
          .as(run.toString())
          .containsExactly("hold cancelled", "after cancelled");
      assertThat(steps(job(run, "hold")))
          .containsExactly("Set up job success", "Hold cancelled", "Never skipped", "Tidy success");
      assertThat(outcome(run)).isEqualTo("cancelled");
      assertThat(run.path("run").path("cancelledBy").asString()).isEqualTo("ada");
    }
  }

  @Test
  void oneJobIsCancelledAndTheOthersGoOn() throws IOException {
    try (var gate = new Gate()) {
      var project =
          project(
              "buoy",
              """
              on: push
              jobs:
                hold: {runs-on: linux, steps: [{run: '%s'}]}
                other: {runs-on: linux, steps: [{run: 'true'}]}
                always: {needs: hold, if: always(), runs-on: linux, steps: [{run: 'test "${{ needs.hold.result }}" = cancelled'}]}
              """
                  .formatted(gate.waiting("hold")));
      project.push("Begin");
      var held = gate.await("hold");
      var job = job(project.run(1).orElseThrow(), "hold").path("id").asString();
      ada.api().post(project.path() + "/runs/1/jobs/" + job + "/cancel", Map.of());
      held.awaitDeath();
      var run = project.endedRun(1);

      assertThat(outcomes(run))
          .as(run.toString())
          .containsExactly("hold cancelled", "other success", "always success");
      assertThat(outcome(run)).isEqualTo("cancelled");
    }
  }

  @Test
  void aReRunWithDebugLoggingSaysMoreAndKeepsWhatSucceeded() {
    var project =
        project(
            "sounding",
            """
            on: push
            jobs:
              good: {runs-on: linux, steps: [{run: 'echo "debug is ${{ runner.debug }}."'}]}
              bad:
                needs: good
                runs-on: linux
                steps:
                  - run: |
                      echo "::debug::deep water"
                      echo "runner debug is $RUNNER_DEBUG."
                      test "${{ github.run_attempt }} ${{ runner.debug }}" = "2 1"
            """);
    project.push("Begin");
    var first = project.endedRun(1);
    assertThat(outcomes(first)).containsExactly("good success", "bad failure");
    assertThat(project.log(1, job(first, "bad")))
        .doesNotContain("##[debug]")
        .contains("debug is .");

    ada.api().post(project.path() + "/runs/1/rerun", Map.of("failedOnly", true, "debug", true));
    var again =
        Eventually.get(
            "The second attempt",
            () ->
                project
                    .run(1)
                    .filter(run -> run.path("run").path("attempt").asInt() == 2)
                    .filter(run -> !run.path("run").path("outcome").isNull()));

    assertThat(outcomes(again))
        .as(project.log(1, job(again, "bad")))
        .containsExactly("good success", "bad success");
    assertThat(project.log(1, job(again, "bad")))
        .contains("##[debug]deep water", "runner debug is 1.");
    assertThat(job(again, "good").path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void whatATokenMayDoWhereTheWorkflowSaysNothingIsDecidedForTheProject() throws IOException {
    var project =
        project(
            "quay",
            """
            on: push
            jobs:
              ask:
                runs-on: linux
                steps:
                  - env: {TOKEN: "${{ github.token }}"}
                    run: |
                      curl -s -o /dev/null -w 'answer %{http_code}' -H "Authorization: Bearer $TOKEN" "$GITHUB_API_URL/projects/quay/runs"
            """);
    project.push("Begin");
    var first = project.endedRun(1);
    assertThat(project.log(1, job(first, "ask"))).contains("answer 403");
    rosa.api().put("/api/v1/token-default?project=quay", Map.of("level", "write"));

    project.write("file", "more").push("More");
    assertThat(project.log(2, job(project.endedRun(2), "ask"))).contains("answer 200");
    try (var in = rosa.api().open("/secrets?project=quay")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .containsPattern("value=\"write\"[^>]*selected");
    }
  }
}
