package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.agent.ActionSource;
import dev.fairway.agent.Isolation;
import dev.fairway.agent.MirrorActions;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalRunTest {
  static final String WORKFLOW =
      """
      on: push
      jobs:
        build:
          runs-on: linux
          strategy:
            matrix:
              colour: [red, green]
          outputs:
            made: ${{ steps.make.outputs.made }}
          steps:
            - uses: actions/checkout@v4
            - id: make
              run: echo "made=$(cat colour) ${{ matrix.colour }} $KEY" | tee -a $GITHUB_OUTPUT
              env:
                KEY: ${{ secrets.KEY }}
        ship:
          needs: build
          runs-on: linux
          steps:
            - run: echo "needs ${{ needs.build.result }} on ${{ github.ref_name }} ${{ vars.SIZE }}"
            - run: exit 5
        late:
          needs: ship
          runs-on: linux
          steps:
            - run: echo never
      """;

  @TempDir Path folder;
  private final StringWriter printed = new StringWriter();

  private LocalSource source() {
    return new LocalSource(
        folder, "payments", "0".repeat(40), "refs/heads/main", "ada", Optional.empty());
  }

  private LocalRun.Settings settings(Map<String, String> matrix) {
    return new LocalRun.Settings(
        LocalEvent.of("push", Optional.empty(), source()),
        Map.of("KEY", "sesame-open"),
        Map.of("SIZE", "large"),
        Map.of(),
        matrix);
  }

  private LocalRun.Result run(Workflow workflow, Map<String, String> matrix) throws Exception {
    return run(
        workflow, matrix, new PlainView(new PrintWriter(printed, true), Style.PLAIN), _ -> {});
  }

  private LocalRun.Result run(
      Workflow workflow, Map<String, String> matrix, RunView view, Consumer<LocalRun> meanwhile)
      throws Exception {
    Files.writeString(folder.resolve("colour"), "blue");
    try (var machine =
        LocalMachine.open(
            source(),
            workflow,
            Isolation.none(),
            System.getenv(),
            ActionSource.none(),
            Optional.of(folder.resolve("caches")))) {
      var run = new LocalRun(workflow, settings(matrix), machine, view);
      meanwhile.accept(run);
      return run.carryOut();
    }
  }

  static Workflow parsed(String text) {
    return ((ParseResult.Valid) WorkflowParser.parse("ci.yml", text)).workflow();
  }

  @Test
  void whatOneRunCachesTheNextOneHas() throws Exception {
    var workflow =
        parsed(
            """
            on: push
            jobs:
              build:
                runs-on: linux
                steps:
                  - { id: cache, uses: actions/cache@v4, with: { path: deps, key: k } }
                  - run: echo "had [$(cat deps 2>/dev/null)]"; echo one > deps
            """);
    var view = new PlainView(new PrintWriter(printed, true), Style.PLAIN);

    run(workflow, Map.of(), view, _ -> {});
    run(workflow, Map.of(), view, _ -> {});

    assertThat(printed.toString()).containsSubsequence("had []", "had [one]");
  }

  @Test
  void runsTheJobsInTheirOrderAndSkipsWhatAFailureStops() throws Exception {
    var result = run(parsed(WORKFLOW), Map.of());

    assertThat(result.outcome()).as(printed.toString()).isEqualTo(Outcome.FAILURE);
    assertThat(result.jobs())
        .extracting(job -> job.key().job() + " " + job.outcome().word())
        .containsExactly("build success", "build success", "ship failure", "late skipped");
    assertThat(printed.toString())
        .contains("made=blue red ***", "made=blue green ***")
        .contains("[ship] needs success on main large")
        .doesNotContain("sesame-open")
        .doesNotContain("never");
  }

  @Test
  void runsOnlyTheChosenCombinationsOfAMatrixAndWhatNeedsThem() throws Exception {
    var result = run(parsed(WORKFLOW), Map.of("colour", "green", "other", "x"));

    assertThat(result.jobs())
        .extracting(job -> job.name() + " " + job.outcome().word())
        .containsExactlyInAnyOrder(
            "build (red) skipped", "build (green) success", "ship failure", "late skipped");
    assertThat(printed.toString()).contains("[ship] needs success");
  }

  @Test
  void runsWhatExpressionsMakeOfAStrategyAndOfDefaults() throws Exception {
    var result =
        run(
            parsed(
                """
                on: push
                jobs:
                  ship:
                    strategy: ${{ fromJSON('{"matrix":{"to":["north","."]},"fail-fast":false}') }}
                    runs-on: linux
                    env: {TO: '${{ matrix.to }}'}
                    defaults:
                      run: ${{ fromJSON(format('{{"shell":"env MADE=yes sh {{0}}","working-directory":"{0}"}}', env.TO)) }}
                    steps:
                      - run: mkdir -p north
                        working-directory: .
                      - run: echo "from $(basename "$PWD") $MADE"; test ${{ matrix.to }} = .
                        env: {TO: nowhere}
                """),
            Map.of());

    assertThat(result.jobs())
        .extracting(job -> job.name() + " " + job.outcome().word())
        .containsExactlyInAnyOrder("ship (north) failure", "ship (.) success");
    assertThat(printed.toString()).contains("from north yes");
  }

  @Test
  void runsInGroupsAndForEnvironmentsThatExpressionsMake() throws Exception {
    var result =
        run(
            parsed(
                """
                on: push
                concurrency: ${{ fromJSON(format('{{"group":"{0}","queue":"max"}}', github.ref)) }}
                jobs:
                  plan:
                    runs-on: linux
                    outputs: {to: '${{ steps.plan.outputs.to }}'}
                    steps:
                      - id: plan
                        run: echo 'to={"name":"north","url":["none"]}' >> "$GITHUB_OUTPUT"
                  north:
                    needs: plan
                    environment: ${{ fromJSON('{"name":"north","deployment":false}') }}
                    concurrency: ${{ fromJSON('{"group":"north","cancel-in-progress":true}') }}
                    runs-on: linux
                    steps: [{run: 'true'}]
                  south:
                    needs: plan
                    environment: ${{ fromJSON(needs.plan.outputs.to) }}
                    runs-on: linux
                    steps: [{run: 'true'}]
                """),
            Map.of());

    assertThat(result.jobs())
        .extracting(job -> job.name() + " " + job.outcome().word())
        .containsExactlyInAnyOrder("plan success", "north success", "south failure");
    assertThat(result.jobs())
        .extracting(LocalRun.EndedJob::reason)
        .contains("ci.yml:18:18: A string was expected for 'url', not Array");
    assertThat(printed.toString())
        .contains("`concurrency` is not looked at here")
        .contains("`north` deploys to the environment north,");
  }

  @Test
  void runsOneJobWithThoseThatItNeeds() {
    var workflow = parsed(WORKFLOW);

    assertThat(ChosenJobs.only(workflow, "ship").orElseThrow().jobs())
        .containsOnlyKeys("build", "ship");
    assertThat(ChosenJobs.only(workflow, "build").orElseThrow().jobs()).containsOnlyKeys("build");
    assertThat(ChosenJobs.only(workflow, "lost")).isEmpty();
    assertThat(ChosenJobs.only(workflow, "build/lost")).isEmpty();
  }

  @Test
  void findsAJobBelowACall() throws Exception {
    var workflows = Files.createDirectories(folder.resolve(".github/workflows"));
    Files.writeString(
        workflows.resolve("deploy.yml"),
        """
        on: workflow_call
        jobs:
          check: {runs-on: linux, steps: [{run: 'true'}]}
          build: {runs-on: linux, steps: [{run: 'true'}]}
        """);
    var text =
        """
        on: push
        jobs:
          first: {runs-on: linux, steps: [{run: 'true'}]}
          deploy: {needs: first, uses: ./.github/workflows/deploy.yml}
        """;
    var workflow =
        ((ParseResult.Valid) WorkflowParser.parse("ci.yml", text, new LocalCalls(folder)))
            .workflow();

    var result = run(ChosenJobs.only(workflow, "deploy/build").orElseThrow(), Map.of());

    assertThat(result.jobs())
        .extracting(job -> job.key().job())
        .containsExactly("first", "deploy/build");
  }

  @Test
  void callsWorkflowsAndUsesActionsOfAFolderWithRepositories() throws Exception {
    var other = Files.createDirectories(folder.resolve("mirror/octo/tools"));
    Files.createDirectories(other.resolve(".github/workflows"));
    Files.writeString(
        other.resolve(".github/workflows/outer.yml"),
        """
        on: workflow_call
        jobs:
          inner: {uses: ./.github/workflows/inner.yml}
        """);
    Files.writeString(
        other.resolve(".github/workflows/inner.yml"),
        """
        on: workflow_call
        jobs:
          say: {runs-on: linux, steps: [{run: echo from afar}]}
        """);
    Files.writeString(
        other.resolve("action.yml"),
        """
        name: Say
        runs:
          using: composite
          steps: [{run: echo said so, shell: bash}]
        """);
    for (var git :
        List.of(
            List.of("init", "-q", "-b", "main"),
            List.of("add", "-A"),
            List.of("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"),
            List.of("tag", "v1"))) {
      var command = new ArrayList<>(List.of("git", "-C", other.toString()));
      command.addAll(git);
      assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            """
            on: push
            jobs:
              far: {uses: octo/tools/.github/workflows/outer.yml@v1}
              near: {runs-on: linux, steps: [{uses: octo/tools@v1}]}
            """);
    var source =
        new MirrorActions(
            List.of(folder.resolve("mirror").toString()),
            folder.resolve("actions.lock"),
            folder.resolve("git"));
    var workflow =
        ((ParseResult.Valid)
                WorkflowParser.parse(
                    "ci.yml", Files.readString(file), new LocalCalls(folder, Optional.of(source))))
            .workflow();
    try (var machine =
        LocalMachine.open(
            source(), workflow, Isolation.none(), System.getenv(), source, Optional.empty())) {
      var view = new PlainView(new PrintWriter(printed, true), Style.PLAIN);

      var result = new LocalRun(workflow, settings(Map.of()), machine, view).carryOut();

      assertThat(result.outcome()).as(printed.toString()).isEqualTo(Outcome.SUCCESS);
    }
    assertThat(printed.toString())
        .contains("[far / inner / say] from afar")
        .contains("[near] said so");
    assertThat(folder.resolve("actions.lock")).content().startsWith("octo/tools@v1 ");
  }

  private record Stopped(LocalRun.Result result, String printed) {}

  /// Runs it, and stops it so when a step has said `begun`.
  private Stopped stopped(Workflow workflow, Consumer<LocalRun> how) throws Exception {
    var asked = new LocalRun[1];
    var view =
        new WatchingView(line -> {
          if (line.equals("begun")) {
            how.accept(asked[0]);
          }
        });
    var result = run(workflow, Map.of(), view, run -> asked[0] = run);
    return new Stopped(result, view.printed.toString());
  }

  @Test
  void aCancelledRunStopsItsStepsAndRunsThoseThatCleanUp() throws Exception {
    var workflow =
        parsed(
            """
            on: push
            jobs:
              long:
                runs-on: linux
                steps:
                  - run: echo begun; exec sleep 600
                  - if: always()
                    run: echo cleaned
              next: {needs: long, runs-on: linux, steps: [{run: 'true'}]}
            """);
    var stopped = stopped(workflow, LocalRun::cancel);
    var result = stopped.result();

    assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(stopped.printed()).contains("cleaned");
    assertThat(result.jobs())
        .extracting(job -> job.key().job() + " " + job.outcome().word())
        .containsExactly("long cancelled", "next cancelled");
  }

  @Test
  void anAbandonedRunEndsAtOnce() throws Exception {
    var workflow =
        parsed(
            """
            on: push
            jobs:
              long:
                runs-on: linux
                steps:
                  - run: trap '' TERM; echo begun; sleep 600
                  - if: always()
                    run: echo cleaned
            """);
    var stopped = stopped(workflow, LocalRun::abandon);
    var result = stopped.result();

    assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(stopped.printed()).doesNotContain("cleaned");
  }

  @Test
  void saysWhatItDoesOtherwiseThanAServer() throws Exception {
    var workflow =
        parsed(
            """
            on: push
            concurrency: one
            jobs:
              deploy:
                runs-on: windows-latest
                environment: production
                steps: [{run: 'true'}]
            """);

    run(workflow, Map.of());

    assertThat(printed.toString())
        .contains("`concurrency` is not looked at here")
        .contains("`deploy` deploys to the environment production")
        .contains("`deploy` asks for windows-latest; it runs on this machine");
  }

  /// Hears the lines of the jobs.
  private static final class WatchingView implements RunView {
    private final StringBuffer printed = new StringBuffer();
    private final Consumer<String> heard;

    WatchingView(Consumer<String> heard) {
      this.heard = heard;
    }

    @Override
    public void planned(List<Planned> jobs) {}

    @Override
    public void began(JobKey job, String name) {}

    @Override
    public void line(JobKey job, String text) {
      printed.append(text).append('\n');
      heard.accept(text);
    }

    @Override
    public void event(JobKey job, JobEvent event) {}

    @Override
    public void ended(LocalRun.EndedJob job) {}

    @Override
    public void note(String text) {}

    @Override
    public void close() {}
  }
}
