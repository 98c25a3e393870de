package dev.fairway.workflow;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CallPlanTest {
  private static final String DEPLOY =
      """
      on:
        workflow_call:
          inputs:
            to: {type: string, required: true}
            count: {type: number, default: 2}
            dry: {type: boolean}
          secrets:
            key: {}
          outputs:
            url: {value: '${{ jobs.ship.outputs.url }} ${{ jobs.check.result }}'}
      permissions: {contents: read}
      concurrency: deploy-${{ inputs.to }}
      jobs:
        check:
          runs-on: linux
          steps: [{run: echo}]
        ship:
          name: Ship to ${{ inputs.to }}
          needs: check
          runs-on: linux
          environment: ${{ inputs.to }}
          concurrency: {group: ship, cancel-in-progress: true, queue: single}
          permissions: {}
          steps: [{run: echo}]
        tidy:
          needs: ship
          if: always()
          runs-on: linux
          steps: [{run: echo}]
      """;

  private static PlannedRun run(String jobs) {
    String text = "on: push\npermissions: write-all\njobs:\n" + jobs.indent(2);
    return switch (WorkflowParser.parse(
        "ci.yml", text, CallsTest.calls(Map.of(".github/workflows/deploy.yml", DEPLOY)))) {
      case ParseResult.Valid valid -> new PlannedRun(valid.workflow());
      case ParseResult.Invalid invalid -> throw new AssertionError(invalid.diagnostics());
    };
  }

  private static final String SIMPLE =
      """
      build: {runs-on: linux, steps: [{run: echo}]}
      deploy:
        needs: build
        uses: ./.github/workflows/deploy.yml
        with: {to: '${{ needs.build.outputs.place }}'}
        secrets: {key: "${{ format('{0}-{1}', secrets.KEY, needs.build.outputs.place) }}"}
      after:
        name: after ${{ needs.deploy.outputs.url }}
        needs: deploy
        runs-on: linux
        steps: [{run: echo}]
      """;

  @Test
  void theJobsOfACallTakeItsPlace() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod"));

    assertThat(run.next()).containsExactly("start deploy / check");
    assertThat(run.next()).isEmpty();
    JobInstance check = run.instance("deploy / check");
    assertThat(check.key()).isEqualTo(new JobKey("deploy/check", 0));
    assertThat(check.key().id()).isEqualTo("check");
    assertThat(check.workflow().file()).isEqualTo(".github/workflows/deploy.yml");
    assertThat(check.workflow().text()).isEqualTo(DEPLOY);
    assertThat(check.inputs().toCompactJson())
        .isEqualTo("{\"to\":\"prod\",\"count\":2,\"dry\":false}");
    assertThat(check.needs().toCompactJson()).isEqualTo("{}");

    run.end("deploy / check", Outcome.SUCCESS, Map.of());
    assertThat(run.next()).containsExactly("start deploy / Ship to prod");
    run.end("deploy / Ship to prod", Outcome.SUCCESS, Map.of("url", "https://x"));
    assertThat(run.next()).containsExactly("start deploy / tidy");
    run.end("deploy / tidy", Outcome.SUCCESS, Map.of());
    assertThat(run.next()).containsExactly("start after https://x success");
    assertThat(run.end("after https://x success", Outcome.SUCCESS, Map.of()).step().outcome())
        .contains(Outcome.SUCCESS);
  }

  @Test
  void whatTheSchedulerNeedsGoesWithTheJob() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod")).step();
    run.end("deploy / check", Outcome.SUCCESS, Map.of()).step();

    JobInstance build = run.instance("build");
    assertThat(build.permissions()).isEqualTo(Permissions.all(Permissions.Level.WRITE));
    assertThat(build.secrets()).isEqualTo(SecretsPath.ALL);
    JobInstance check = run.instance("deploy / check");
    assertThat(check.permissions().words()).isEqualTo(Map.of("contents", "read"));
    assertThat(check.concurrency())
        .containsExactly(
            new Concurrency.Group("deploy", "deploy-prod", false, Concurrency.Queue.SINGLE));
    JobInstance ship = run.instance("deploy / Ship to prod");
    assertThat(ship.permissions()).isEqualTo(Permissions.NOTHING);
    assertThat(ship.environment()).contains(new TargetEnvironment.Named("prod", true));
    assertThat(ship.concurrency())
        .containsExactly(
            new Concurrency.Group("deploy", "deploy-prod", false, Concurrency.Queue.SINGLE),
            new Concurrency.Group("deploy/ship", "ship", true, Concurrency.Queue.SINGLE));
  }

  @Test
  void secretsPassACallAsItSaysAndSurviveBeingStored() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod")).step();

    SecretsPath path = SecretsPath.ofJson(run.instance("deploy / check").secrets().toJson());

    assertThat(path.of(Map.of("KEY", "k", "OTHER", "o", "GITHUB_TOKEN", "t"), run.contexts()))
        .isEqualTo(Map.of("key", "k-prod", "GITHUB_TOKEN", "t"));
    assertThat(SecretsPath.ofJson("[]").of(Map.of("KEY", "k"), run.contexts()))
        .isEqualTo(Map.of("KEY", "k"));
    for (String broken : List.of("{}", "[1]", "[{\"templates\":{}}]", "nonsense")) {
      assertThatThrownBy(() -> SecretsPath.ofJson(broken)).isInstanceOf(EvaluationException.class);
    }
  }

  @Test
  void aCallWithoutSecretsPassesNoneAndInheritPassesAll() {
    PlannedRun run =
        run(
            """
            none:
              uses: ./.github/workflows/deploy.yml
              with: {to: a}
            all:
              uses: ./.github/workflows/deploy.yml
              with: {to: b}
              secrets: inherit
            """);
    run.step();

    Map<String, String> secrets = Map.of("KEY", "k", "GITHUB_TOKEN", "t");
    assertThat(run.instance("none / check").secrets().of(secrets, run.contexts()))
        .isEqualTo(Map.of("GITHUB_TOKEN", "t"));
    assertThat(run.instance("all / check").secrets().of(secrets, run.contexts()))
        .isEqualTo(secrets);
  }

  @Test
  void aFailureInsideIsAFailureOfTheCall() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod")).step();
    run.end("deploy / check", Outcome.FAILURE, Map.of());

    assertThat(run.next())
        .containsExactly("skipped deploy / Ship to ${{ inputs.to }}", "start deploy / tidy");
    assertThat(run.end("deploy / tidy", Outcome.SUCCESS, Map.of()).next())
        .containsExactly("skipped after ${{ needs.deploy.outputs.url }}");
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void aCallThatIsSkippedBringsInNothing() {
    PlannedRun run = run(SIMPLE);
    run.step();

    Plan plan = run.end("build", Outcome.FAILURE, Map.of()).step();

    assertThat(plan.decisions())
        .first()
        .isEqualTo(
            new Decision.Conclude(
                new JobKey("deploy", 0),
                "deploy",
                Outcome.SKIPPED,
                "It needs 'build', which ended as failure."));
    assertThat(plan.outcome()).contains(Outcome.FAILURE);
    assertThat(run.next()).isEmpty();
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);
  }

  private static final String MATRIX =
      """
      deploy:
        strategy: {max-parallel: 2, matrix: {to: [a, b, c]}}
        uses: ./.github/workflows/deploy.yml
        with: {to: '${{ matrix.to }}'}
      """;

  @Test
  void aMatrixOfCallsRunsEachOnItsOwnPath() {
    PlannedRun run = run(MATRIX);

    assertThat(run.next()).containsExactly("start deploy (a) / check", "start deploy (b) / check");
    assertThat(run.instance("deploy (b) / check").key()).isEqualTo(new JobKey("deploy#1/check", 0));
    assertThat(run.next()).isEmpty();
    run.end("deploy (a) / check", Outcome.SUCCESS, Map.of());
    assertThat(run.next()).containsExactly("start deploy (a) / Ship to a");
    run.end("deploy (a) / Ship to a", Outcome.SUCCESS, Map.of());
    assertThat(run.next()).containsExactly("start deploy (a) / tidy");
    run.end("deploy (a) / tidy", Outcome.SUCCESS, Map.of());
    assertThat(run.next()).containsExactly("start deploy (c) / check");
  }

  @Test
  void aFailedCallOfAMatrixStopsItsSiblingsButWhatAsksForItStillRuns() {
    PlannedRun run = run(MATRIX);
    run.step();
    run.end("deploy (a) / check", Outcome.FAILURE, Map.of()).step();
    run.end("deploy (a) / tidy", Outcome.SUCCESS, Map.of());

    assertThat(run.next()).containsExactly("cancel deploy#1/check", "cancelled deploy (c)");
    run.end("deploy (b) / check", Outcome.CANCELLED, Map.of());
    assertThat(run.next())
        .containsExactly(
            "cancelled deploy (b) / Ship to ${{ inputs.to }}", "start deploy (b) / tidy");
    assertThat(run.next()).isEmpty();
    assertThat(run.end("deploy (b) / tidy", Outcome.SUCCESS, Map.of()).step().outcome())
        .contains(Outcome.FAILURE);
  }

  @Test
  void cancellingTheRunReachesIntoCalls() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod")).step();

    assertThat(run.cancel().next()).containsExactly("cancel deploy/check");
    run.end("deploy / check", Outcome.CANCELLED, Map.of());
    assertThat(run.next())
        .containsExactly("cancelled deploy / Ship to ${{ inputs.to }}", "start deploy / tidy");
    run.end("deploy / tidy", Outcome.SUCCESS, Map.of());
    assertThat(run.step().outcome()).contains(Outcome.CANCELLED);
  }

  @Test
  void aRunCancelledBeforeACallBeginsEndsItAsAWhole() {
    PlannedRun run = run(SIMPLE);
    run.step();
    run.end("build", Outcome.SUCCESS, Map.of("place", "prod")).cancel();

    assertThat(run.next())
        .containsExactly("cancelled deploy", "cancelled after ${{ needs.deploy.outputs.url }}");
    assertThat(run.next()).isEmpty();
  }

  @Test
  void anInputOfTheWrongTypeFailsTheCallAtItsPlace() {
    PlannedRun run =
        run(
            """
            deploy:
              uses: ./.github/workflows/deploy.yml
              with:
                to: x
                count: ${{ fromJSON('"many"') }}
            """);

    Plan plan = run.step();

    assertThat(plan.decisions())
        .containsExactly(
            new Decision.Conclude(
                new JobKey("deploy", 0),
                "deploy",
                Outcome.FAILURE,
                "ci.yml:8:14: The input 'count' must be a number, not \"many\""));
    assertThat(run.next()).isEmpty();
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void matricesOfCallsThatMultiplyEachOtherEndWithAReason() {
    String numbers = IntStream.range(0, 250).mapToObj(String::valueOf).collect(joining(", "));
    String strategy = "strategy: {matrix: {n: [%s]}}".formatted(numbers);
    String called = "on: workflow_call\njobs:\n  x:\n    runs-on: y\n    steps: [{run: z}]\n    ";
    String caller = "on: push\njobs:\n  x:\n    uses: ./.github/workflows/a.yml\n    ";
    Workflow workflow =
        ((ParseResult.Valid)
                WorkflowParser.parse(
                    "ci.yml",
                    caller + strategy,
                    CallsTest.calls(Map.of(".github/workflows/a.yml", called + strategy))))
            .workflow();

    PlannedRun run = new PlannedRun(workflow);

    assertThat(run.next()).hasSizeLessThan(Board.MAX_JOBS + 500);
    assertThat(run.log()).last().isEqualTo("failure x (249)");
    assertThat(run.next()).contains("cancel x/x").noneMatch(line -> line.startsWith("start"));
  }
}
