package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkflowLintTest {
  private static final String HEAD =
      """
      on:
        workflow_dispatch:
          inputs:
            level: {type: choice, options: [low, high]}
            loud: {type: boolean}
      jobs:
        first:
          runs-on: linux
          outputs:
            version: ${{ steps.make.outputs.version }}
          steps:
            - id: make
              run: 'true'
        second:
          needs: first
          runs-on: linux
          strategy:
            matrix:
              os: [debian, alpine]
              include:
                - {os: debian, fast: true}
          steps:
            - run: 'true'
            - id: late
      """;

  /// The findings about a workflow whose second job has these further lines at its end.
  private static List<String> findings(String step) {
    return lint(HEAD + step.indent(8)).stream().map(Diagnostic::message).toList();
  }

  private static List<Diagnostic> lint(String text) {
    ParseResult result = WorkflowParser.parse("a.yml", text);
    assertThat(result).as(result.diagnostics().toString()).isInstanceOf(ParseResult.Valid.class);
    return WorkflowLint.check(((ParseResult.Valid) result).workflow());
  }

  private static List<String> inScript(String expression) {
    return findings("run: |\n  echo ${{ " + expression + " }}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "needs.first.outputs.version",
        "needs.first.result",
        "NEEDS.First.Outputs.VERSION",
        "matrix.os",
        "matrix.fast",
        "inputs.loud && 'yes' || 'no'",
        "github.event.anything.at.all",
        "github.event.commits.*.id && 'x'",
        "join(github.event.commits.*.id, ' ')",
        "env.WHATEVER",
        "vars.WHATEVER",
        "secrets.WHATEVER",
        "strategy.job-index",
        "job.status",
        "runner.temp",
        "fromJSON('{\"a\": [1, 2]}').a[1]",
        "fromJSON(env.LIST)[0].name",
        "format('{0} {{1}} {1}', github.sha, github.ref)",
        "contains(fromJSON('[\"a\"]'), matrix.os)",
        "toJSON(needs)",
      })
  void saysNothingAboutAnExpressionThatMakesSense(String expression) {
    assertThat(inScript(expression)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          needs.second.result               | 'needs.second' is always null: the job does not need 'second'
          needs.first.outputs.other         | 'needs.first.outputs.other' is always null: the job 'first' has no output 'other'
          needs.first.output.version        | 'needs.first.output' is always null: there is no property 'output'
          steps.late.outputs.x              | 'steps.late' is always null: no step with the id 'late' has ended before this one
          matrix.version                    | 'matrix.version' is always null: the matrix has no 'version'
          inputs.laud                       | 'inputs.laud' is always null: the workflow has no input 'laud'
          github.shaa                       | 'github.shaa' is always null: there is no property 'shaa'
          github.sha.short                  | 'github.sha.short' is always null: it is looked up in a string
          inputs.loud.x                     | 'inputs.loud.x' is always null: it is looked up in a boolean
          github.sha.*                      | 'github.sha.*' is always empty: .* is applied to a string
          fromJSON('[1]').first             | 'fromJSON(…).first' is always null: it is looked up in an array; use .* or a number
          fromJSON('{')                     | fromJSON cannot read '{'
          needs                             | 'needs' is an object and has no text; use toJSON
          needs.first == 'success'          | '==' compares an object with a string, which is always false
          needs.first != 'success'          | '!=' compares an object with a string, which is always true
          startsWith(needs, 'x')            | Argument 1 of startsWith is an object: it takes text; toJSON makes some
          contains(needs, 'first')          | Argument 1 of contains is an object: it searches a string or an array
          join(matrix, ' ')                 | Argument 1 of join is an object: it joins the items of an array
          format('{0} {1}', github.sha)     | format has no value for {1}: it is given 1
          format('{0}', github.sha, 'b')    | format does not use its value number 1: {1} is missing
          """)
  void findsWhatAnExpressionCanNeverMean(String expression, String finding) {
    assertThat(inScript(expression)).anySatisfy(found -> assertThat(found).startsWith(finding));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "github.head_ref",
        "github.event.issue.title",
        "github.event.comment.body",
        "github.event.pull_request.head.ref",
        "github.event.pull_request['body']",
        "github.event.commits[0].message",
        "github.event.commits.*.author.name && 'x' || github.event.head_commit.author.email",
        "format('{0}', github.event.review.body)",
        "toJSON(github.event)",
        "github.event.workflow_run.head_branch || 'main'",
      })
  void warnsOfTextOfStrangersInAScript(String expression) {
    assertThat(lint(HEAD + ("run: echo ${{ " + expression + " }}").indent(8)))
        .anySatisfy(found -> assertThat(found.rule()).isEqualTo(Rule.SCRIPT_INJECTION));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "github.sha",
        "github.event.pull_request.number",
        "github.event.pull_request.head.sha",
        "github.event.issue.title == 'x'",
        "contains(github.event.comment.body, '/deploy')",
        "github.event.repository.name",
      })
  void takesForSafeWhatNobodyCanChoose(String expression) {
    assertThat(lint(HEAD + ("run: echo ${{ " + expression + " }}").indent(8)))
        .noneSatisfy(found -> assertThat(found.rule()).isEqualTo(Rule.SCRIPT_INJECTION));
  }

  @Test
  void takesTextOfStrangersInAVariableForSafe() {
    assertThat(findings("run: echo \"$TITLE\"\nenv:\n  TITLE: ${{ github.event.issue.title }}"))
        .isEmpty();
  }

  @Test
  void warnsOfTextOfStrangersInAScriptThatAnActionRuns() {
    assertThat(
            findings(
                """
                uses: actions/github-script@f28e40c7f34bde8b3046d885e986cb6290c5673b
                with:
                  script: console.log(`${{ github.event.issue.title }}`)
                """))
        .singleElement()
        .asString()
        .startsWith("'github.event.issue.title' is text that strangers choose");
  }

  @Test
  void warnsOfAnActionThatIsNotPinnedToACommit() {
    assertThat(findings("uses: someone/something@v3"))
        .singleElement()
        .asString()
        .contains("'someone/something@v3' names a branch or a tag");
    assertThat(findings("uses: someone/something@f28e40c7f34bde8b3046d885e986cb6290c5673b"))
        .isEmpty();
    assertThat(findings("uses: actions/checkout@v4")).isEmpty();
  }

  @Test
  void warnsOfCommandsThatAreRefusedWhenTheyRun() {
    assertThat(findings("run: echo \"::set-output name=a::b\""))
        .containsExactly(
            "'::set-output::' is refused when it runs; write to the file $GITHUB_OUTPUT");
  }

  @Test
  void warnsOfJobsAndStepsThatNeverRun() {
    String text =
        """
        on: push
        jobs:
          off:
            if: ${{ false && github.ref == 'refs/heads/main' }}
            runs-on: linux
            steps: [{run: 'true'}]
          behind:
            needs: off
            runs-on: linux
            steps: [{run: 'true'}]
          anyway:
            needs: behind
            if: always()
            runs-on: linux
            steps: [{run: 'true', if: "1 == 2"}, {run: 'true', if: "true || github.sha"}]
        """;

    assertThat(lint(text).stream().map(Object::toString))
        .containsExactly(
            "a.yml:3:3: warning: The job never runs: its condition is always false",
            "a.yml:7:3: warning: The job never runs: it needs 'off', which never runs",
            "a.yml:15:13: warning: The step never runs: its condition is always false",
            "a.yml:15:60: warning: This condition is always true, so it changes nothing");
  }

  @Test
  void saysWhereTheLookupStands() {
    String text =
        """
        on: push
        jobs:
          test:
            runs-on: linux
            if: needs.bild.result == 'success'
            outputs:
              good: ${{ steps.LATER.outputs.x }}
              bad: ${{ steps.never.outputs.x }}
            steps:
              - run: echo ${{ steps.later.outputs.x }}
              - id: later
                run: echo ${{ join(steps.*.outcome) }}
        """;

    assertThat(lint(text).stream().map(Object::toString))
        .containsExactly(
            "a.yml:5:9: warning: 'needs.bild' is always null: the job does not need 'bild'",
            "a.yml:8:12: warning: 'steps.never' is always null: no step of the job has the id"
                + " 'never'",
            "a.yml:10:19: warning: 'steps.later' is always null: no step with the id"
                + " 'later' has ended before this one");
  }
}
