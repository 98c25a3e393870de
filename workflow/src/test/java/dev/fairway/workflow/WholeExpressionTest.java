package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One expression for a whole `strategy` or `defaults.run`.
class WholeExpressionTest {

  /// A run whose second job has the strategy that its first one made.
  private static PlannedRun made(String json) {
    return PlannedRun.made("strategy: ${{ fromJSON(needs.plan.outputs.made) }}", json);
  }

  private static List<String> lint(String lines) {
    return WorkflowLint.check(valid(job(lines))).stream().map(Diagnostic::toString).toList();
  }

  private static Step.Run step(String text) {
    return (Step.Run)
        ((Job.Steps) valid(text).jobs().values().iterator().next()).steps().getFirst();
  }

  private static final Contexts CONTEXTS =
      Contexts.empty()
          .with("env", Value.ofJson("{\"SHELL\": \"sh\"}"))
          .with(
              "vars",
              Value.ofJson("{\"RUN\": \"{\\\"shell\\\": \\\"python\\\"}\", \"NONE\": \"{}\"}"));

  @Test
  void aStrategyThatAnEarlierJobMadeMultipliesItsJobAsAWrittenOneDoes() {
    PlannedRun run =
        made(
            """
            {
              "max-parallel": 2,
              "fail-fast": false,
              "matrix": {
                "os": ["debian", "alpine"],
                "java": [25, 26],
                "exclude": [{"os": "alpine", "java": 25}],
                "include": [{"os": "debian", "java": 26, "ea": true}]
              }
            }
            """);

    assertThat(run.next())
        .containsExactly("start test (debian, 25)", "start test (debian, 26, true)");
    assertThat(run.step().held())
        .extracting(JobInstance::name)
        .containsExactly("test (alpine, 26)");
    JobInstance second = run.instance(new JobKey("test", 1));
    assertThat(second.matrix().toCompactJson())
        .isEqualTo("{\"os\":\"debian\",\"java\":26,\"ea\":true}");
    assertThat(second.strategy().toCompactJson())
        .isEqualTo("{\"fail-fast\":false,\"job-index\":1,\"job-total\":3,\"max-parallel\":2}");
    assertThat(run.end("test", Outcome.FAILURE).next()).containsExactly("start test (alpine, 26)");
  }

  @Test
  void aStrategyThatSaysNothingLeavesItsJobAlone() {
    PlannedRun run = made("{}");

    assertThat(run.next()).containsExactly("start test");
    assertThat(run.instance(new JobKey("test", 0)).strategy().toCompactJson())
        .isEqualTo("{\"fail-fast\":true,\"job-index\":0,\"job-total\":1,\"max-parallel\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"\"                                  | A mapping was expected, not String; fromJSON makes"
            + " one of JSON text",
        "[]                                    | A mapping was expected, not Array",
        "null                                  | A mapping was expected, not Null",
        "{\"matrix\": {\"a\": [1]}, \"failfast\": true} | Unexpected value 'failfast'. Expected"
            + " matrix, fail-fast, max-parallel",
        "{\"Matrix\": {\"a\": [1]}}            | Unexpected value 'Matrix'. Expected matrix,"
            + " fail-fast, max-parallel",
        "{\"matrix\": [1]}                     | A matrix must be a mapping, not Array",
        "{\"matrix\": null}                    | A matrix must be a mapping, not Null",
        "{\"matrix\": {}}                      | Matrix must define at least one vector; where"
            + " there may be none, say so in the job's `if`",
        "{\"matrix\": {\"include\": []}}       | Matrix must define at least one vector; where"
            + " there may be none, say so in the job's `if`",
        "{\"matrix\": {\"a\": []}}             | Matrix vector 'a' does not contain any values",
        "{\"matrix\": {\"a\": 1}}              | Matrix vector 'a' must be a sequence, not Number",
        "{\"matrix\": {\"a\": [1], \"exclude\": [1]}} | 'exclude' of a matrix must hold mappings,"
            + " not Number",
        "{\"fail-fast\": \"false\"}            | The value of 'fail-fast' must be true or false,"
            + " not String",
        "{\"fail-fast\": null}                 | The value of 'fail-fast' must be true or false,"
            + " not Null",
        "{\"max-parallel\": \"2\"}             | The value of 'max-parallel' must be a number, not"
            + " String",
        "{\"max-parallel\": true}              | The value of 'max-parallel' must be a number, not"
            + " Boolean",
        "{\"max-parallel\": 0}                 | The value of 'max-parallel' must be a whole number"
            + " of at least 1",
        "{\"max-parallel\": 1.5}               | The value of 'max-parallel' must be a whole number"
            + " of at least 1",
      })
  void aStrategyThatIsNoneFailsTheJobAtItsPlace(String json, String message) {
    PlannedRun run = made(json);

    Plan plan = run.step();

    assertThat(plan.decisions())
        .containsExactly(
            new Decision.Conclude(
                new JobKey("test", 0), "test", Outcome.FAILURE, "ci.yml:11:15: " + message));
    assertThat(plan.outcome()).contains(Outcome.FAILURE);
    assertThat(run.step().outcome()).contains(Outcome.FAILURE);
  }

  @Test
  void aMadeMatrixHasNoMoreCombinationsThanAWrittenOne() {
    String values =
        IntStream.rangeClosed(0, Matrix.MAX_COMBINATIONS)
            .mapToObj(Integer::toString)
            .collect(joining(","));

    assertThat(
            ((Decision.Conclude)
                    made("{\"matrix\": {\"n\": [" + values + "]}}").step().decisions().getFirst())
                .reason())
        .isEqualTo("ci.yml:11:15: The matrix makes 257 combinations; at most 256 are allowed");
  }

  @Test
  void keysOfAStrategyMayComeFromAnExpressionBesideWrittenOnes() {
    String strategy =
        """
        strategy:
          fail-fast: false
          ${{ insert }}: ${{ fromJSON(needs.plan.outputs.made) }}
          ${{ format('max-{0}', 'parallel') }}: 1
        """;

    PlannedRun run = PlannedRun.made(strategy, "{\"matrix\": {\"n\": [1, 2]}}");
    assertThat(run.next()).containsExactly("start test (1)");
    assertThat(run.end("test", Outcome.FAILURE).next()).containsExactly("start test (2)");
    assertThat(
            ((Decision.Conclude)
                    PlannedRun.made(strategy, "{\"n\": [1]}").step().decisions().getFirst())
                .reason())
        .isEqualTo("ci.yml:13:22: Unexpected value 'n'. Expected matrix, fail-fast, max-parallel");
  }

  @Test
  void aCalledWorkflowMayBeMultipliedByAStrategyThatAnExpressionMakes() {
    String text =
        """
        on: push
        jobs:
          test:
            strategy: ${{ fromJSON('{"matrix":{"to":["a","b"]}}') }}
            uses: ./.github/workflows/deploy.yml
            with: {to: '${{ matrix.to }}'}
        """;
    String called =
        """
        on: {workflow_call: {inputs: {to: {type: string}}}}
        jobs:
          ship: {name: 'ship ${{ inputs.to }}', runs-on: linux, steps: [{run: y}]}
        """;

    ParseResult result =
        WorkflowParser.parse(
            "ci.yml", text, CallsTest.calls(Map.of(".github/workflows/deploy.yml", called)));

    assertThat(new PlannedRun(((ParseResult.Valid) result).workflow()).next())
        .containsExactly("start test (a) / ship a", "start test (b) / ship b");
  }

  @Test
  void whatAStrategyCannotSeeIsReportedOnceAndAtItsPlace() {
    assertThat(findings(job("runs-on: x\nstrategy: ${{ matrix.s }}\nsteps: [{run: y}]")))
        .singleElement()
        .asString()
        .startsWith("ci.yml:5:15: Unrecognized named-value: 'matrix'")
        .endsWith("github, inputs, vars, needs");
    assertThat(findings(job("runs-on: x\nstrategy: ${{ 'none' }}\nsteps: [{run: y}]")))
        .containsExactly("ci.yml:5:15: Unexpected value 'none'");
    assertThat(
            findings(
                job(
                    "runs-on: x\n"
                        + "strategy: {fail_fast: true, '${{ env.X }}': 1}\n"
                        + "steps: [{run: y}]")))
        .hasSize(2)
        .anyMatch("ci.yml:5:16: Unexpected value 'fail_fast'. Did you mean 'fail-fast'?"::equals)
        .anyMatch(line -> line.startsWith("ci.yml:5:33: Unrecognized named-value: 'env'"));
  }

  @Test
  void aMatrixOrVariablesThatCannotBeReadAreReportedOnce() {
    assertThat(
            findings(
                job(
                    "runs-on: x\nstrategy: {matrix: '${{ matrix.s }}'}\nenv: ${{ steps.s }}\n"
                        + "steps: [{run: y}]")))
        .hasSize(2)
        .allMatch(line -> line.contains("Unrecognized named-value"));
  }

  @Test
  void checkTypesAStrategyAndTakesAnyMatrixFromIt() {
    assertThat(
            lint(
                """
                runs-on: ${{ matrix.os }}
                strategy: ${{ fromJSON(vars.STRATEGY) }}
                steps: [{run: 'echo ${{ matrix.any.thing }} ${{ strategy.job-index }}'}]
                """))
        .isEmpty();
    assertThat(
            lint(
                """
                runs-on: x
                strategy: {fail-fast: true, '${{ insert }}': '${{ fromJSON(vars.STRATEGY) }}'}
                steps: [{run: 'echo ${{ matrix.any.thing }}'}]
                """))
        .isEmpty();
    assertThat(lint("runs-on: x\nstrategy: ${{ needs.plan.outputs.made }}\nsteps: [{run: y}]"))
        .containsExactly(
            "ci.yml:5:15: warning: 'needs.plan' is always null: the job does not need 'plan'");
    assertThat(lint("runs-on: x\nstrategy: ${{ vars.STRATEGY }}\nsteps: [{run: y}]"))
        .containsExactly(
            "ci.yml:5:15: warning: A mapping is wanted here, and this is a string; fromJSON makes"
                + " one");
  }

  @Test
  void defaultsOfTheScriptsOfAJobMayBeOneExpression() {
    String text =
        """
        on: push
        defaults: {run: {shell: bash, working-directory: app}}
        jobs:
          a:
            runs-on: x
            defaults:
              run: ${{ fromJSON(vars.RUN) }}
            steps: [{run: y}]
        """;
    assertThat(step(text).shell(Contexts.empty(), CONTEXTS)).contains(Shell.Known.PYTHON);
    assertThat(step(text).workingDirectory(Contexts.empty(), CONTEXTS)).contains("app");
    assertThat(step(text).fixedShell("sh")).isEqualTo(Optional.empty());
    assertThat(
            step(text.replace("{run: y}", "{run: y, shell: sh}")).shell(Contexts.empty(), CONTEXTS))
        .contains(Shell.Known.SH);
    assertThat(
            step(text.replace("fromJSON(vars.RUN)", "fromJSON('{}')"))
                .shell(Contexts.empty(), CONTEXTS))
        .contains(Shell.Known.BASH);
    assertThat(
            step(text.replace("vars.RUN", "'{\"working-directory\":\"docs\"}'"))
                .workingDirectory(Contexts.empty(), CONTEXTS))
        .contains("docs");
    assertThat(
            step(text.replace(
                    "${{ fromJSON(vars.RUN) }}",
                    "{'${{ insert }}': '${{ fromJSON(vars.NONE) }}', shell: '${{ env.SHELL }}'}"))
                .shell(Contexts.empty(), CONTEXTS))
        .contains(Shell.Known.SH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                   | A mapping was expected, not Array",
        "\"bash\"             | A mapping was expected, not String; fromJSON makes one of JSON"
            + " text",
        "{\"shel\": \"bash\"} | Unexpected value 'shel'. Expected shell, working-directory",
        "{\"shell\": [\"a\"]} | A string was expected for 'shell', not Array",
        "{\"shell\": \"\"}    | Unexpected value ''",
        "{\"shell\": \"csh\"} | Invalid shell option 'csh'.",
      })
  void defaultsThatAreNoneFailTheStepAtTheirPlace(String json, String message) {
    Step.Run step =
        step(job("runs-on: x\ndefaults: {run: '${{ fromJSON(vars.RUN) }}'}\nsteps: [{run: y}]"));

    assertThatThrownBy(() ->
            step.shell(
                Contexts.empty(),
                Contexts.empty().with("vars", Value.ofStrings(Map.of("RUN", json)))))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            wrong -> assertThat(wrong.position()).isEqualTo(Optional.of(new Position(5, 21))))
        .hasMessageStartingWith(message);
  }

  @Test
  void onlyWhatRunsScriptsOfAJobMayBeAnExpressionOfAllDefaults() {
    assertThat(
            findings(
                """
                on: push
                defaults: {run: '${{ fromJSON(vars.RUN) }}'}
                jobs:
                  a:
                    runs-on: x
                    defaults: ${{ fromJSON(vars.RUN) }}
                    steps: [{run: y}]
                  b:
                    runs-on: x
                    defaults: {run: '${{ secrets.RUN }}'}
                    steps: [{run: y}]
                """))
        .extracting(line -> line.replaceFirst("(Located|Available).*", "…"))
        .containsExactly(
            "ci.yml:2:17: A template expression is not allowed in this context",
            "ci.yml:6:15: A template expression is not allowed in this context. Write it behind"
                + " `run`, which it may stand for: `run: ${{ … }}`",
            "ci.yml:10:21: Unrecognized named-value: 'secrets'. …");
  }

  /// A mapping may be one expression where the schema gives it contexts.
  @ParameterizedTest
  @CsvSource({"strategy, STRATEGY", "job-defaults-run, JOB_DEFAULTS"})
  void seesWhatTheOfficialSchemaLetsItSee(String definition, Place place) {
    assertThat(Conformance.contexts(definition))
        .containsExactlyInAnyOrderElementsOf(place.vocabulary().contexts());
  }

  @Test
  void checkTypesDefaults() {
    assertThat(
            lint(
                """
                runs-on: x
                defaults: {run: '${{ vars.RUN }}'}
                steps: [{run: y}, {run: z, working-directory: '${{ github.workspaze }}'}]
                """))
        .containsExactly(
            "ci.yml:5:21: warning: A mapping is wanted here, and this is a string; fromJSON makes"
                + " one",
            "ci.yml:6:52: warning: 'github.workspaze' is always null: there is no property"
                + " 'workspaze'");
  }
}
