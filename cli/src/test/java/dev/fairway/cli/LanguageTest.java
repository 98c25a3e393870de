package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What only a server and an agent together do of the language of workflows.
final class LanguageTest extends SystemTest {
  private static final String CI =
      """
      name: CI
      on:
        push: {branches: [main]}
      permissions: {contents: write}
      jobs:
        plan:
          runs-on: linux
          outputs:
            strategy: ${{ steps.plan.outputs.strategy }}
            target: ${{ steps.plan.outputs.target }}
          steps:
            - id: plan
              run: |
                echo 'strategy={"matrix":{"to":["north","south"]},"max-parallel":1}' >> "$GITHUB_OUTPUT"
                echo 'target={"name":"production","url":"https://beacon.example.com"}' >> "$GITHUB_OUTPUT"
        ship:
          needs: plan
          strategy: ${{ fromJSON(needs.plan.outputs.strategy) }}
          uses: ./.github/workflows/ship.yml
          with: {to: "${{ matrix.to }}"}
          secrets: inherit
        flaky:
          runs-on: linux
          timeout-minutes: 5
          continue-on-error: ${{ github.event_name == 'push' }}
          steps: [{run: exit 1}]
        tag:
          needs: ship
          runs-on: linux
          steps:
            - uses: actions/checkout@v4
            - run: |
                git -c user.name=robot -c user.email=robot@example.com commit -q --allow-empty -m "From a job"
                git push -q "http://x-access-token:${{ github.token }}@${GITHUB_SERVER_URL#http://}/git/beacon.git" HEAD:refs/heads/from-a-job
                echo "${{ needs.ship.outputs.port }}"
                test "${{ needs.ship.outputs.port }}" = "harbour of south"
        gate:
          needs: [plan, tag]
          runs-on: linux
          environment: ${{ fromJSON(needs.plan.outputs.target) }}
          concurrency: ${{ fromJSON(format('{{"group":"{0}"}}', fromJSON(needs.plan.outputs.target).name)) }}
          steps: [{run: echo through}]
      """;

  private static final String SHIP =
      """
      on:
        workflow_call:
          inputs: {to: {type: string, required: true}}
          outputs: {port: {value: "${{ jobs.land.outputs.port }}"}}
      permissions: {contents: read}
      jobs:
        sail:
          runs-on: linux
          outputs: {at: "${{ steps.x.outputs.at }}"}
          steps: [{id: x, run: 'echo "at=${{ inputs.to }}" >> "$GITHUB_OUTPUT"'}]
        land:
          needs: sail
          runs-on: linux
          outputs: {port: "${{ steps.x.outputs.port }}"}
          steps: [{id: x, run: 'echo "port=harbour of ${{ needs.sail.outputs.at }}" >> "$GITHUB_OUTPUT"'}]
      """;

  private static final String AFTER =
      """
      name: After
      on: {workflow_run: {workflows: [CI], types: [completed]}}
      jobs:
        look:
          runs-on: linux
          steps:
            - run: test "${{ github.event.workflow_run.conclusion }}" = success
      """;

  @Test
  void callsMatricesEnvironmentsTokensAndEventsWorkTogether() {
    var project =
        SampleProject.create(up, ada, "beacon")
            .write(".github/workflows/ci.yml", CI)
            .write(".github/workflows/ship.yml", SHIP)
            .write(".github/workflows/after.yml", AFTER)
            .write(
                ".github/workflows/on-branch.yml",
                "on: {push: {branches: [from-a-job]}}\n"
                    + "jobs: {a: {runs-on: linux, steps: [{run: x}]}}\n");
    project.push("Begin");

    Eventually.holds(
        "The job before the environment's",
        () ->
            jobs(project).stream()
                .anyMatch(job -> job.matches("(tag|gate) (success|failure|skipped)")));
    assertThat(jobs(project)).as(() -> tagLog(project)).contains("tag success");
    var waiting =
        Eventually.get(
            "The job of the environment",
            () ->
                mia.api()
                    .get("/api/v1/waiting-jobs")
                    .path("items")
                    .valueStream()
                    .filter(job -> job.path("project").asString().equals("beacon"))
                    .findFirst());
    assertThat(waiting.path("environment").asString()).isEqualTo("production");
    mia.api()
        .post(
            "/api/v1/waiting-jobs/" + waiting.path("job").asString() + "/approve",
            Map.of("reason", "Looks good", "password", Member.PASSWORD));

    var run = project.endedRun(1);
    assertThat(run.path("run").path("outcome").asString()).as(run.toString()).isEqualTo("success");
    assertThat(run.path("jobs").valueStream().map(LanguageTest::line))
        .containsExactlyInAnyOrder(
            "plan success",
            "ship (north) / sail success",
            "ship (north) / land success",
            "ship (south) / sail success",
            "ship (south) / land success",
            "flaky failure",
            "tag success",
            "gate success");
    assertThat(side(project, "gate"))
        .contains("Environment production: <a href=\"https://beacon.example.com\"");
    var after = project.endedRun(2);
    assertThat(after.path("run").path("event").asString()).isEqualTo("workflow_run");
    assertThat(after.path("run").path("outcome").asString()).isEqualTo("success");
    var branch = mia.api().get("/api/v1/projects/beacon/runs").path("items");
    assertThat(branch).as("what a job pushes starts nothing").hasSize(2);
  }

  private static List<String> jobs(SampleProject project) {
    return project
        .run(1)
        .map(run -> run.path("jobs").valueStream().map(LanguageTest::line).toList())
        .orElse(List.of());
  }

  private static String tagLog(SampleProject project) {
    return project
        .run(1)
        .orElseThrow()
        .path("jobs")
        .valueStream()
        .filter(job -> job.path("name").asString().equals("tag"))
        .map(job -> project.log(1, job))
        .findFirst()
        .orElse("");
  }

  /// What the page of the first run shows beside the log of a job.
  private static String side(SampleProject project, String name) {
    var job =
        project
            .run(1)
            .orElseThrow()
            .path("jobs")
            .valueStream()
            .filter(one -> one.path("name").asString().equals(name))
            .findFirst()
            .orElseThrow();
    var path =
        "/projects/%s/runs/1/side?job=%s".formatted(project.name(), job.path("id").asString());
    try (var page = mia.api().open(path)) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(JsonNode job) {
    return job.path("name").asString() + " " + job.path("outcome").asString();
  }
}
