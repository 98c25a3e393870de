package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `fairway check` warns of beside expressions, rule by rule.
class LintRulesTest {
  private static List<String> lint(String text) {
    ParseResult result = WorkflowParser.parse("a.yml", text);
    assertThat(result).as(result.diagnostics().toString()).isInstanceOf(ParseResult.Valid.class);
    return WorkflowLint.check(result, LocalActions.UNKNOWN).stream()
        .map(found ->
            "%d:%d %s %s"
                .formatted(found.line(), found.column(), found.rule().id(), found.message()))
        .toList();
  }

  /// A job with one matrix and one script.
  private static List<String> matrix(String matrix, String expression) {
    return lint(
        "on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {matrix: "
            + matrix
            + "}\n    steps: [{run: \"echo ${{ "
            + expression
            + " }}\"}]\n");
  }

  private static List<String> step(String step) {
    return lint("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + step.indent(6));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "                                     | git push                                   | true",
        ", with: {persist-credentials: false} | git tag v1 && git -c a=b -C x push origin  | true",
        ", with: {persist-credentials: true}  | git push                                   | false",
        ", with: {persist-credentials: '${{ vars.P }}'} | git push                         | false",
        "                                     | git push https://x-access-token:$T@host/a  | false",
        "                                     | git clone https://$T@host/b && git push     |"
            + " false",
        "                                     | docker push a; echo git pushed             | false",
      })
  void aPushWithoutCredentialsIsNoticed(String with, String script, boolean noticed) {
    List<String> found =
        step(
            "- {uses: actions/checkout@v4%s}\n- run: |\n    %s\n"
                .formatted(with == null ? "" : with, script));

    if (noticed) {
      assertThat(found)
          .singleElement()
          .asString()
          .startsWith("7:14 credentials git has no credentials for this push");
    } else {
      assertThat(found).isEmpty();
    }
  }

  @Test
  @Timeout(10)
  void noScriptKeepsTheCheckBusy() {
    assertThat(
            step(
                "- uses: actions/checkout@v4\n- run: git " + "-c -C -x ".repeat(20_000) + "pull\n"))
        .isEmpty();
  }

  @Test
  void aPushWithoutACheckoutIsNoBusinessOfOurs() {
    assertThat(step("- run: git clone https://host/a && cd a && git push\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{v: [1, 2]}                                 | matrix.v.major",
        "{os: [{name: a}, {name: b, arch: c}]}       | matrix.os.nmae",
        "{os: [[a], [b]]}                            | matrix.os.first",
        "{os: [{name: a}]}                           | matrix.os",
        "{v: [1], include: [{v: 2, x: {y: true}}]}   | matrix.x.y.z",
        "{v: [true], w: [1]}                         | matrix.v > matrix.w",
        "{v: [[1], [2]], w: [[1]]}                   | matrix.v == matrix.w",
        "{include: [{list: [1, 2]}]}                 | matrix.list[matrix.list]",
      })
  void knowsWhatTheValuesOfAMatrixAre(String matrix, String expression) {
    assertThat(matrix(matrix, expression))
        .singleElement()
        .asString()
        .startsWith("6:25 expression ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{os: [{name: a}, {name: b, arch: c}]}          | matrix.os.arch",
        "{v: [1, 2]}                                    | matrix.v > 1",
        "{v: [1, '${{ github.sha }}']}                  | matrix.v.anything",
        "{v: '${{ fromJSON(vars.V) }}'}                 | matrix.v.anything",
        "{include: [{list: [1, 2]}]}                    | matrix.list[0]",
        "{v: [{a: 1}], w: [1]}                          | matrix.v == null",
      })
  void isSilentAboutWhatAMatrixMayHold(String matrix, String expression) {
    assertThat(matrix(matrix, expression)).isEmpty();
  }

  @Test
  void findsValuesOfAMatrixThatChangeNothing() {
    assertThat(
            lint(
                """
                on: push
                jobs:
                  a:
                    runs-on: x
                    strategy:
                      matrix:
                        os: [debian, alpine, debian]
                        java: [{v: 1, ea: true}]
                        exclude:
                          - os: ubuntu
                          - arch: arm
                          - java: {v: 1}
                          - java: {v: 2}
                          - os: ${{ github.sha }}
                        include: []
                    steps: [{run: y}]
                """))
        .containsExactly(
            "7:30 no-effect The matrix has the value \"debian\" twice in 'os': the same job runs"
                + " twice",
            "10:17 no-effect This excludes nothing: no value of 'os' is like that",
            "11:13 no-effect This excludes nothing: the matrix has no 'arch'",
            "13:19 no-effect This excludes nothing: no value of 'java' is like that",
            "15:18 no-effect An empty list changes nothing: take it away");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "${{ true }}",
        "1 == 1 || github.sha",
        "${{ contains('abc', 'b') }}",
        "${{ format('{0} x', github.sha) }}",
        "'text'",
      })
  void warnsOfAConditionThatIsAlwaysTrue(String condition) {
    assertThat(step("- run: x\n  if: \"" + condition + "\""))
        .containsExactly("7:13 no-effect This condition is always true, so it changes nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "always()",
        "success()",
        "github.ref == 'x'",
        "${{ format('{0}', github.sha) }}",
        "${{ '' || github.sha }}",
      })
  void isSilentAboutOtherConditions(String condition) {
    assertThat(step("- run: x\n  if: \"" + condition + "\"")).isEmpty();
  }

  @Test
  void aBlankAfterAnExpressionMakesAConditionTrue() {
    ParseResult result =
        WorkflowParser.parse(
            "a.yml", Workflows.job("runs-on: x\nif: |\n  ${{ false }}\nsteps: [{run: y}]"));

    assertThat(result.diagnostics())
        .singleElement()
        .asString()
        .startsWith("a.yml:5:9: warning: This condition is always true: text around ${{ }}, be it");
    Job job = ((ParseResult.Valid) result).workflow().jobs().values().iterator().next();
    assertThat(job.condition().holds(Contexts.empty())).isTrue();
  }

  @Test
  void aConditionThatIsOneStringIsTheExpressionInIt() {
    Job job =
        Workflows.valid(Workflows.job("runs-on: x\nif: ${{ 'false' }}\nsteps: [{run: y}]"))
            .jobs()
            .values()
            .iterator()
            .next();

    assertThat(job.condition().holds(Contexts.empty())).isFalse();
  }

  @Test
  void warnsOfPasswordsInTheFileAndOfHalfCredentials() {
    assertThat(
            lint(
                """
                on: push
                jobs:
                  a:
                    runs-on: x
                    container:
                      image: app
                      credentials: {username: me, password: hunter2}
                    services:
                      good: {image: a, credentials: {username: me, password: "${{ secrets.P }}"}}
                      half: {image: a, credentials: {password: "${{ secrets.P }}"}}
                      text: {image: a, credentials: "${{ github.sha }}"}
                    steps: [{run: y}]
                """))
        .containsExactly(
            "7:45 credentials A password in the file is known to everybody who can read it; write"
                + " ${{ secrets.NAME }}",
            "10:37 credentials Without both `username` and `password` nobody is signed in to the"
                + " registry",
            "11:37 expression A mapping is wanted here, and this is a string; fromJSON makes one");
  }

  @Test
  void warnsOfVariablesThatNobodyCanRead() {
    assertThat(step("- run: x\n  env: {\"A B\": 1, C=D: 2, E_F: 3, g.h: 4}"))
        .containsExactly(
            "7:15 no-effect No script can read a variable named 'A B': leave out '=', '&' and"
                + " blanks",
            "7:25 no-effect No script can read a variable named 'C=D': leave out '=', '&' and"
                + " blanks");
  }

  @Test
  void looksAtExpressionsInKeys() {
    assertThat(step("- run: x\n  env: {\"A_${{ runner.nmae }}\": 1}"))
        .containsExactly(
            "7:18 expression 'runner.nmae' is always null: there is no property 'nmae'");
  }

  @Test
  void knowsInputsAndOutputsOfBuiltInActions() {
    assertThat(
            step(
                """
                - id: cache
                  uses: actions/cache@v4
                  with: {path: a}
                - run: echo ${{ steps.cache.outputs.cache-hit }} ${{ steps.cache.outputs.hit }}
                - uses: actions/cache@v4
                  with: {path: a, "${{ format('{0}', 'key') }}": b}
                - uses: docker://alpine
                - uses: docker://localhost:5000/alpine:3
                """))
        .containsExactly(
            "6:9 action-input actions/cache asks for key, which is not given",
            "9:56 expression 'steps.cache.outputs.hit' is always null: the action of the step"
                + " 'cache' has no output 'hit'",
            "12:9 unpinned-action 'docker://alpine' names no tag, so it is whatever the newest"
                + " image is; name a tag, or a digest");
  }

  @Test
  void checksWhatACalledWorkflowSays() {
    assertThat(
            lint(
                """
                on:
                  workflow_call:
                    inputs:
                      first: {type: string, default: "${{ inputs.second }}"}
                      second: {type: boolean, default: "${{ github.sha }}"}
                      third: {type: number, required: true, default: 3}
                    secrets: {key: {required: true}}
                    outputs:
                      good: {value: "${{ jobs.a.outputs.x }}"}
                      bad: {value: "${{ jobs.a.outputs.y }} ${{ jobs.b.result }}"}
                jobs:
                  a:
                    runs-on: x
                    outputs: {x: 1}
                    steps: [{run: "${{ secrets.key }} ${{ secrets.GITHUB_TOKEN }} ${{ secrets.kay }}"}]
                """))
        .containsExactly(
            "4:39 expression 'inputs.second' is always null: no input before it is called 'second'",
            "5:40 expression The input 'second' is a boolean, and this is a string",
            "6:54 no-effect The default of 'third' is never used: the input is required",
            "10:21 expression 'jobs.a.outputs.y' is always null: the job 'a' has no output 'y'",
            "10:45 expression 'jobs.b' is always null: the workflow has no job 'b'",
            "15:67 expression 'secrets.kay' is always null: the workflow does not ask for a secret"
                + " 'kay', and is given it only by callers that inherit");
  }

  @Test
  void namesEveryTextOfStrangersAtItsPlaceInTheScript() {
    assertThat(
            step(
                """
                - run: |
                    # 😀
                    echo ${{ github.head_ref }} ok

                      ${{ github.event.issue.title || github.event.issue.body }}
                """))
        .extracting(found -> found.substring(0, found.indexOf(" is text")))
        .containsExactly(
            "8:16 script-injection 'github.head_ref'",
            "10:13 script-injection 'github.event.issue.title'",
            "10:13 script-injection 'github.event.issue.body'");
  }

  @Test
  void takesForTrustedWhatComesFromThoseWhoMayStartRuns() {
    assertThat(
            step(
                "- run: echo ${{ github.event.inputs.body }}${{ github.event.client_payload.body"
                    + " }}"))
        .isEmpty();
  }

  @Test
  void findsFormatsThatCannotBeRead() {
    assertThat(step("- run: echo ${{ format('{0', github.sha) }}"))
        .contains(
            "6:19 expression format cannot read '{0': write {0} for the first value, and {{ or }}"
                + " for a brace");
    assertThat(step("- run: echo ${{ format('{{{0}}}', github.sha) }}")).isEmpty();
  }

  @Test
  void runsOnTakesNoOtherObject() {
    assertThat(matrix("{os: [{lable: x}]}", "github.sha")).isEmpty();
    assertThat(
            lint(
                "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os:"
                    + " [{lable: x}]}}\n    steps: [{run: y}]\n"))
        .singleElement()
        .asString()
        .isEqualTo("4:14 workflow-syntax Unexpected value 'lable'. Expected labels, group");
    assertThat(
            lint(
                "on: push\n"
                    + "jobs:\n"
                    + "  a:\n"
                    + "    runs-on: {group: '${{ github.ref }} ${{ github.reef }}'}\n"
                    + "    steps: [{run: y}]\n"))
        .singleElement()
        .asString()
        .startsWith("4:41 expression ")
        .contains("reef");
  }
}
