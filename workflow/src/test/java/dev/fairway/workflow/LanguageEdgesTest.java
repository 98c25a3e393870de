package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Corners of the language that people meet once a year, and what is refused beyond it.
class LanguageEdgesTest {
  private static final String STEPS = "runs-on: linux\nsteps:\n  - run: echo hi\n";

  private static Rule rule(String text) {
    ParseResult result = WorkflowParser.parse("ci.yml", text);
    assertThat(result.diagnostics()).as(text).hasSize(1);
    return result.diagnostics().getFirst().rule();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{runs-on: a, steps: [{run: x, shell: cmd}]}                                | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x, shell: fish}]}                               | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x, shell: ''}]}                                 | SYNTAX",
        "{runs-on: a, steps: [{run: x, background: maybe}]}                         | SYNTAX",
        "{runs-on: a, steps: [{wait: x}]}                                           | SYNTAX",
        "{runs-on: a, steps: [{run: x}, {wait-all: null}]}                          | NO_EFFECT",
        "{runs-on: a, steps: [{parallel: []}]}                                      | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x}], snapshot: b}                               | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x}], timeout-minutes: 0}                        | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x}], timeout-minutes: soon}                     | SYNTAX",
        "{runs-on: a, steps: [{run: x}], env: {FAIRWAY_NET: none}}                  | UNSUPPORTED",
        "{runs-on: a, steps: [{uses: actions/checkout@v4, with: {ssh-key: x}}]}    |"
            + " UNSUPPORTED",
        "{runs-on: a, steps: [{uses: actions/checkout@v4, with: {submodule: true}}]}  |"
            + " ACTION_INPUT",
        "{runs-on: a, steps: [{uses: a b/c@v4}]}                                    | UNSUPPORTED",
        "{runs-on: a, steps: [{uses: a@v4}]}                                        | SYNTAX",
        "{runs-on: a}                                                               | UNSUPPORTED",
        "{runs-on: a, steps: [{run: x}], stepps: y}                                 | SYNTAX",
      })
  void tellsWhatFairwayRefusesFromWhatTheLanguageDoes(String build, Rule expected) {
    assertThat(rule("on: push\njobs: {build: " + build + "}")).isEqualTo(expected);
  }

  @Test
  void refusesFiltersThatOtherEnginesWouldReadInTheirOwnWay() {
    for (String push :
        List.of(
            "{branches: [a], branches-ignore: [b]}", "{tags-ignore: ['!a']}", "{paths: ['a[']}")) {
      assertThat(rule("on: {push: " + push + "}\njobs: {build: {runs-on: a, steps: [{run: x}]}}"))
          .as(push)
          .isEqualTo(Rule.UNSUPPORTED);
    }
  }

  @Test
  void aJobIsNeededInWhateverCase() {
    Workflow workflow =
        valid(
            "on: push\njobs:\n  Build:\n"
                + STEPS.indent(4)
                + "  ship:\n    needs: bUILD\n"
                + STEPS.indent(4));

    assertThat(requireNonNull(workflow.jobs().get("ship")).needs()).containsExactly("Build");
  }

  @Test
  void saysWhyNoJobCanBegin() {
    assertThat(
            findings(
                "on: push\njobs:\n  a: {needs: b, runs-on: x, steps: []}\n"
                    + "  b: {needs: a, runs-on: x, steps: []}\n"
                    + "  c: {needs: b, runs-on: x, steps: []}\n"))
        .containsExactly(
            "ci.yml:3:3: The workflow must contain at least one job with no dependencies. These"
                + " wait for each other: a, b");
    assertThat(findings("on: push\njobs: {a: {needs: [x], runs-on: x, steps: []}}"))
        .containsExactly(
            "ci.yml:2:7: The workflow must contain at least one job with no dependencies. 'a'"
                + " needs 'x', which is no job");
  }

  @Test
  void aKeyIsTheTextOfItsValue() {
    Job.Steps build =
        (Job.Steps)
            requireNonNull(
                valid(job(STEPS + "env: {1.50: a, True: b, 0x1F: c, 'null': d}"))
                    .jobs()
                    .get("build"));

    assertThat(build.environment(Contexts.empty()))
        .isEqualTo(Map.of("1.5", "a", "true", "b", "31", "c", "null", "d"));
    assertThat(findings(job(STEPS + "null: x"))).containsExactly("ci.yml:7:5: Unexpected value ''");
    assertThat(findings(job(STEPS + "env: {TRUE: a, true: b}")))
        .containsExactly("ci.yml:7:20: 'true' is already defined");
  }

  @Test
  void keysAreNoExpressionsAndThereAreNoMergeKeys() {
    assertThat(findings(job(STEPS + "${{ 'name' }}: x")))
        .containsExactly("ci.yml:7:5: A template expression is not allowed in this context");
    assertThat(findings(job("<<: {name: x}\n" + STEPS)))
        .containsExactly(
            "ci.yml:4:5: Unexpected value '<<'. The language has no merge keys; repeat the keys, or"
                + " use an alias for a whole value");
    assertThat(findings("on:\n  ${{ 'push' }}:\njobs: {a: {runs-on: x, steps: []}}"))
        .containsExactly("ci.yml:2:3: A template expression is not allowed in this context");
  }

  @Test
  void anExpressionThatIsOneStringIsThatString() {
    Job.Steps build =
        (Job.Steps)
            requireNonNull(
                valid(job("runs-on: ${{ 'it''s' }}\nsteps:\n  - run: ${{ '${{ matrix.os }}' }}\n"))
                    .jobs()
                    .get("build"));

    assertThat(build.runsOn().labels(Contexts.empty())).containsExactly("it's");
    Template script = ((Step.Run) build.steps().getFirst()).script();
    assertThat(script.constant()).contains(Value.of("${{ matrix.os }}"));
    assertThat(script.toString()).isEqualTo("${{ '${{ matrix.os }}' }}");
  }

  @Test
  void anEmptyConditionIsSuccess() {
    String text = job("if: ''\n" + STEPS);

    assertThat(valid(text).jobs().values().iterator().next().condition())
        .isEqualTo(Condition.SUCCESS);
    assertThat(findings(text))
        .containsExactly(
            "ci.yml:4:9: warning: An empty condition changes nothing; it means success()");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "!!timestamp 2026-01-01 | Unexpected tag 'tag:yaml.org,2002:timestamp'",
        "!mine x                | Unexpected tag '!mine'",
        "0x100000000            | The value '0x100000000' on line 4 and column 14 is invalid for"
            + " the type 'tag:yaml.org,2002:int'",
        "0o40000000000          | The value '0o40000000000' on line 4 and column 14 is invalid for"
            + " the type 'tag:yaml.org,2002:int'",
      })
  void refusesScalarsThatTheCoreSchemaDoesNotHave(String scalar, String reason) {
    assertThat(findings(job("runs-on: " + scalar + "\nsteps: [{run: x}]")))
        .containsExactly("ci.yml:4:14: " + reason);
  }

  @Test
  void aBlockAtTheEndOfAFileWithoutALineBreakHasNoneEither() {
    assertThat(script("run: |\n          a\n          b")).isEqualTo("a\nb");
    assertThat(script("run: |\n          a\n          b\n")).isEqualTo("a\nb\n");
  }

  private static String script(String run) {
    Workflow workflow = valid("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - " + run);
    return ((Step.Run) ((Job.Steps) requireNonNull(workflow.jobs().get("a"))).steps().getFirst())
        .script()
        .toString();
  }

  @Test
  void refusesWhatItsAliasesMakeTooLarge() {
    StringBuilder text = new StringBuilder("on: push\njobs:\n");
    text.append("  a:\n    runs-on: x\n    env: {A: &long '")
        .append("x".repeat(100_000))
        .append("'");
    for (int i = 0; i < 60; i++) {
      text.append(", A").append(i).append(": *long");
    }
    text.append("}\n    steps: [{run: x}]\n");

    assertThat(findings(text.toString()))
        .singleElement()
        .asString()
        .contains(": Maximum object size exceeded: with every alias and every called file");
  }

  @Test
  void aBuiltInActionRefusesWhatItDoesNotHonourAndWarnsOfWhatNobodyHas() {
    assertThat(
            findings(
                job(
                    """
                    runs-on: linux
                    steps:
                      - uses: actions/checkout@v4
                        with: {ssh-key: a, ssh-keys: b}
                    """)))
        .satisfiesExactly(
            one ->
                assertThat(one)
                    .isEqualTo(
                        "ci.yml:7:16: The input 'ssh-key' of actions/checkout is not supported."
                            + " Projects are fetched over HTTP, with `token`"),
            other ->
                assertThat(other)
                    .startsWith(
                        "ci.yml:7:28: warning: actions/checkout has no input 'ssh-keys', so it has"
                            + " no effect. Supported are repository, ref, token,"));
  }
}
