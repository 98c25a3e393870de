package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkflowParserTest {

  private static Job.Steps only(Workflow workflow) {
    return (Job.Steps) workflow.jobs().values().iterator().next();
  }

  private static Job.Steps steps(Workflow workflow, String job) {
    return (Job.Steps) requireNonNull(workflow.jobs().get(job));
  }

  @Test
  void readsAWorkflowWithEverythingThatIsSupported() {
    Workflow workflow =
        valid(
            """
            name: Deliver
            run-name: Deliver ${{ github.ref_name }} ${{ inputs.reason }}
            on:
              push:
                branches: [main, 'release/**', '!release/old']
                paths-ignore: ['**/*.md']
              workflow_dispatch:
                inputs:
                  reason:
                    type: choice
                    options: [routine, urgent]
                    default: routine
            env:
              REGION: eu
            defaults:
              run:
                shell: bash
            jobs:
              test:
                name: Test on ${{ matrix.java }}
                runs-on: [linux, x64]
                timeout-minutes: 10
                continue-on-error: ${{ matrix.java == 26 }}
                strategy:
                  fail-fast: false
                  max-parallel: 2
                  matrix:
                    java: [25, 26]
                env:
                  FAIRWAY_NETWORK: none
                  FAIRWAY_RETRY: safe
                outputs:
                  version: ${{ steps.version.outputs.value }}
                steps:
                  - uses: actions/checkout@v4
                  - id: version
                    run: echo "value=1" >> "$GITHUB_OUTPUT"
                    working-directory: app
                  - name: Say ${{ env.REGION }}
                    if: success() && env.REGION == 'eu'
                    shell: python
                    run: print("hi")
                    timeout-minutes: 0.5
              ship:
                needs: test
                runs-on: linux
                steps:
                  - uses: actions/upload-artifact@v4
                    with:
                      name: app
                      path: target/*.jar
            """);

    assertThat(workflow.displayName()).isEqualTo("Deliver");
    Contexts run =
        Contexts.empty()
            .with("github", Value.ofJson("{\"ref_name\": \"main\"}"))
            .with("inputs", Value.ofJson("{\"reason\": \"urgent\"}"));
    assertThat(workflow.runName(run)).contains("Deliver main urgent");

    Job.Steps test = steps(workflow, "test");
    assertThat(test.settings()).isEqualTo(new JobSettings(JobSettings.Network.NONE, true));
    assertThat(steps(workflow, "ship").settings()).isEqualTo(JobSettings.DEFAULT);
    Contexts contexts = Contexts.empty().with("env", Value.ofJson("{\"REGION\": \"eu\"}"));
    Step.Run version = (Step.Run) test.steps().get(1);
    assertThat(version.shell(contexts, contexts)).contains(Shell.Known.BASH);
    assertThat(version.displayName(contexts))
        .isEqualTo("Run echo \"value=1\" >> \"$GITHUB_OUTPUT\"");
    Step.Run say = (Step.Run) test.steps().get(2);
    assertThat(say.shell(contexts, contexts)).contains(Shell.Known.PYTHON);
    assertThat(say.displayName(contexts)).isEqualTo("Say eu");
    assertThat(say.shouldRun(contexts)).isTrue();
    assertThat(say.shouldRun(contexts.with(Contexts.Status.of(Outcome.FAILURE)))).isFalse();
    assertThat(say.timeout(contexts)).hasValueSatisfying(it -> assertThat(it).hasSeconds(30));
    Step.Uses upload = (Step.Uses) steps(workflow, "ship").steps().getFirst();
    assertThat(upload.action())
        .isEqualTo(
            new ActionReference.Builtin(
                BuiltinAction.UPLOAD_ARTIFACT, "actions/upload-artifact@v4"));
    assertThat(upload.inputs(contexts)).isEqualTo(Map.of("name", "app", "path", "target/*.jar"));
  }

  @Test
  void refusesWhatItWouldOtherwiseIgnoreAndNamesThePlace() {
    assertThat(
            findings(
                """
                on: [push, schedule]
                concurrency: one
                jobs:
                  build:
                    runs-on: linux
                    container: alpine
                    enviroment: production
                    steps:
                      - run: echo hi
                        shell: cmd
                      - uses: actions/setup-java@v5
                        with:
                          jdkFile: jdk.tar.gz
                          java-package: jre
                      - uses: local
                """))
        .containsExactly(
            "ci.yml:1:12: warning: This schedule has no `cron`, so it never starts the workflow",
            "ci.yml:7:5: Unexpected value 'enviroment'. Did you mean 'environment'?",
            "ci.yml:10:16: The shell 'cmd' is not supported: no agent runs on Windows. Use bash, or"
                + " pwsh where an agent has PowerShell",
            "ci.yml:13:11: The input 'jdkFile' of actions/setup-java is not supported. Install that"
                + " JDK on the agent, and name its version",
            "ci.yml:14:11: The input 'java-package' of actions/setup-java can only be jdk",
            "ci.yml:15:15: Expected format {org}/{repo}[/path]@ref. Actual 'local'");
  }

  @Test
  void teachesTheKeyThatWasMeant() {
    assertThat(findings(job("runs_on: linux\nsteps:\n  - run: echo hi")))
        .containsExactly(
            "ci.yml:4:5: Unexpected value 'runs_on'. Did you mean 'runs-on'?",
            "ci.yml:4:5: Required property is missing: runs-on");
  }

  @Test
  void anExpressionSeesOnlyWhatItsPlaceKnows() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: ${{ steps.a.outputs.b }}
                    if: matrix.os == 'x' || hashFiles('a') == ''
                    steps:
                      - run: echo ${{ success() }}
                      - run: echo hi
                        if: secrets.TOKEN != ''
                    """)))
        .containsExactly(
            "ci.yml:4:14: Unrecognized named-value: 'steps'. Located at position 1 within"
                + " expression: steps.a.outputs.b. Available here: github, inputs, vars, needs,"
                + " strategy, matrix",
            "ci.yml:5:9: Unrecognized named-value: 'matrix'. Located at position 1 within"
                + " expression: matrix.os == 'x' || hashFiles('a') == ''. Available here: github,"
                + " inputs, vars, needs",
            "ci.yml:7:14: Unrecognized function: 'success'. Located at position 1 within"
                + " expression: success()",
            "ci.yml:9:13: Unrecognized named-value: 'secrets'. Located at position 1 within"
                + " expression: secrets.TOKEN != ''. Available here: github, inputs, vars, needs,"
                + " strategy, matrix, steps, job, runner, env");
  }

  @Test
  void refusesTimesAndCountsThatCannotBe() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: linux
                    timeout-minutes: 0
                    continue-on-error: maybe
                    strategy: {max-parallel: 0, matrix: {a: []}}
                    steps:
                      - run: echo hi
                        timeout-minutes: soon
                    """)))
        .containsExactly(
            "ci.yml:5:22: Unexpected value '0'. Expected more than 0 and at most 43200 minutes",
            "ci.yml:6:24: Unexpected value 'maybe'. Expected true or false",
            "ci.yml:7:30: Unexpected value '0'. Expected a whole number of at least 1",
            "ci.yml:7:45: Matrix vector 'a' does not contain any values",
            "ci.yml:10:26: Unexpected value 'soon'. Expected a number");
  }

  @Test
  void warnsOfAConditionThatIsAlwaysTrue() {
    String text = job("runs-on: linux\nif: ${{ false }} && true\nsteps:\n  - run: echo hi");

    assertThat(findings(text))
        .singleElement()
        .asString()
        .startsWith("ci.yml:5:9: warning: This condition is always true");
    assertThat(only(valid(text)).condition().holds(Contexts.empty())).isTrue();
  }

  @Test
  void refusesSettingsOfFairwayThatDoNotExistOrComeTooLate() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: linux
                    env:
                      FAIRWAY_NETWORK: ${{ vars.NET }}
                      FAIRWAY_SPEED: high
                    steps:
                      - run: echo hi
                        env:
                          FAIRWAY_RETRY: safe
                    """)))
        .containsExactly(
            "ci.yml:6:24: 'FAIRWAY_NETWORK' must be one of none, full, as fixed text",
            "ci.yml:7:7: 'FAIRWAY_SPEED' is not a setting; names that begin with FAIRWAY_ are"
                + " Fairway's: [FAIRWAY_NETWORK, FAIRWAY_RETRY]",
            "ci.yml:11:11: 'FAIRWAY_RETRY' is a setting of a job; put it into the env of the job");
  }

  @Test
  void aWholeEnvCanComeFromOneExpressionAndBeMixedIn() {
    Job.Steps job =
        only(
            valid(
                job(
                    """
                    runs-on: linux
                    env:
                      A: one
                      ${{ insert }}: ${{ fromJSON('{"B":"two"}') }}
                      C: 0x10
                    steps:
                      - run: echo hi
                        env: ${{ fromJSON('{"D":true}') }}
                    """)));

    assertThat(job.environment(Contexts.empty()))
        .isEqualTo(Map.of("A", "one", "B", "two", "C", "16"));
    assertThat(job.steps().getFirst().environment(Contexts.empty())).isEqualTo(Map.of("D", "true"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "env: {A: 1, '${{ insert }}': '${{ fromJSON(''{\"a\":2}'') }}'} | 4:34: 'a' is already"
            + " defined",
        "env: {'${{ insert }}': '${{ fromJSON(''{\"a\":2}'') }}', A: 1} | 4:60: 'A' is already"
            + " defined",
        "env: {A: 1, \"${{ format('a') }}\": 2} | 4:17: 'a' is already defined",
      })
  void aKeyThatAnExpressionMakesASecondTimeIsAnError(String env, String message) {
    Job.Steps job = only(valid(job(env + "\nruns-on: linux\nsteps: [{run: echo hi}]\n")));

    assertThatThrownBy(() -> job.environment(Contexts.empty()))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.in("ci.yml").located()).isEqualTo("ci.yml:" + message));
  }

  @Test
  void aSettingThatComesFromAnExpressionIsAnErrorAndNotWithoutEffect() {
    Job.Steps job =
        only(
            valid(
                job(
                    """
                    runs-on: linux
                    env: ${{ fromJSON('{"FAIRWAY_NETWORK":"none"}') }}
                    steps:
                      - run: echo hi
                    """)));

    assertThatThrownBy(() -> job.environment(Contexts.empty()))
        .isInstanceOf(EvaluationException.class)
        .hasMessageContaining("'FAIRWAY_NETWORK' must be written out in env");
  }

  @Test
  void aHundredWarningsDoNotHideAnError() {
    String text =
        job(
            "runs-on: linux\nsteps:\n"
                + "  - run: echo ${{ needs.x.result }}\n".repeat(150)
                + "  - run: echo\n    shel: sh\n");

    assertThat(WorkflowParser.parse("ci.yml", text)).isInstanceOf(ParseResult.Invalid.class);
  }

  @Test
  void aliasesStandForWhatTheyName() {
    Workflow workflow =
        valid(
            """
            on: push
            jobs:
              a: &job
                runs-on: linux
                env: &env {X: y}
                steps:
                  - run: echo hi
              b: *job
            """);

    assertThat(steps(workflow, "b").environment(Contexts.empty())).isEqualTo(Map.of("X", "y"));
  }

  @Test
  void refusesWhatIsNotOneYamlMapping() {
    assertThat(findings("")).containsExactly("ci.yml:1:1: The workflow is empty");
    assertThat(findings("- a\n")).containsExactly("ci.yml:1:1: A sequence was not expected");
    assertThat(findings("on: push\non: push\njobs:\n  a: {runs-on: x, steps: [{run: y}]}\n"))
        .containsExactly("ci.yml:2:1: 'on' is already defined");
    assertThat(findings("on: push\njobs: [\n"))
        .singleElement()
        .asString()
        .startsWith("ci.yml:3:1: This is not valid YAML: ");
    assertThat(findings("on: push\n---\non: push\n"))
        .containsExactly("ci.yml:2:1: A workflow file holds one YAML document, not several");
  }

  @Test
  void checksInputsOfARunByHand() {
    Trigger.Dispatch dispatch =
        valid(
                """
                on:
                  workflow_dispatch:
                    inputs:
                      level: {type: choice, options: [low, high], required: true}
                      count: {type: number, default: 3}
                      dry: {type: boolean}
                jobs:
                  a: {runs-on: x, steps: [{run: y}]}
                """)
            .dispatch()
            .orElseThrow();

    assertThat(dispatch.check(Map.of("level", "low", "dry", "true")))
        .isEqualTo(
            new Inputs.Accepted(
                (Value.Obj) Value.ofJson("{\"level\": \"low\", \"count\": 3, \"dry\": true}")));
    assertThat(((Inputs.Rejected) dispatch.check(Map.of("count", "many", "speed", "1"))).byInput())
        .containsExactly(
            Map.entry("level", "Input 'level' is required, but was not given."),
            Map.entry("count", "Input 'count' must be a number, not 'many'."),
            Map.entry("speed", "The workflow has no input 'speed'. It has: level, count, dry."));
  }

  @Test
  void aStepWithoutIdHasNone() {
    assertThat(only(valid(job("runs-on: x\nsteps:\n  - run: y"))).steps().getFirst().id())
        .isEqualTo(Optional.empty());
  }
}
