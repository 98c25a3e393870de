package dev.fairway.workflow;

import static dev.fairway.workflow.Workflows.findings;
import static dev.fairway.workflow.Workflows.job;
import static dev.fairway.workflow.Workflows.valid;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Steps that run beside each other.
class BackgroundStepsTest {
  private static List<Step> steps(String lines) {
    return ((Job.Steps)
            valid(job("runs-on: x\nsteps:\n" + lines.indent(2))).jobs().values().iterator().next())
        .steps();
  }

  private static List<String> lint(String lines) {
    return WorkflowLint.check(valid(job("runs-on: x\nsteps:\n" + lines.indent(2)))).stream()
        .map(Diagnostic::toString)
        .toList();
  }

  @Test
  void namesTheStepsThatAreWaitedForByTheirPlaces() {
    List<Step> steps =
        steps(
            """
            - {id: server, run: npm start, background: true}
            - {id: fetch, uses: actions/checkout@v4, background: true}
            - {run: test, background: false}
            - {wait: [fetch, server], continue-on-error: true}
            - {run: more, background: true}
            - {wait-all: null, name: All of them}
            - {cancel: server}
            """);

    assertThat(steps.stream().filter(Step::background).map(Step::index)).containsExactly(0, 1, 4);
    assertThat(((Step.Wait) steps.get(3)).targets()).containsExactly(1, 0);
    assertThat(((Step.Wait) steps.get(5)).targets()).containsExactly(0, 1, 4);
    assertThat(((Step.Cancel) steps.get(6)).target()).isZero();
    assertThat(steps.stream().skip(3).map(Step::plannedName))
        .containsExactly("Wait for fetch, server", "Run more", "All of them", "Cancel server");
    assertThat(steps.get(3).toleratesFailure(Contexts.empty())).isTrue();
  }

  @Test
  void parallelStepsAreBackgroundStepsAndOneThatWaitsForThem() {
    List<Step> steps =
        steps(
            """
            - run: before
            - parallel:
                - run: one
                - {id: two, uses: actions/checkout@v4}
            - run: behind
            """);

    assertThat(steps).extracting(Step::index).containsExactly(0, 1, 2, 3, 4);
    assertThat(steps).extracting(Step::background).containsExactly(false, true, true, false, false);
    assertThat(((Step.Wait) steps.get(3)).targets()).containsExactly(1, 2);
    assertThat(steps.get(3).plannedName()).isEqualTo("Wait for the parallel steps");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{wait: late}, {id: late, run: a, background: true} | 6:15: Step references unknown step ID"
            + " 'late'",
        "{cancel: __a} | 6:17: The identifier '__a' is invalid. IDs starting with '__' are"
            + " reserved.",
        "{id: a, wait: a} | 6:22: Step 'a' cannot reference itself",
        "{wait: a, if: always()} | 6:18: Unexpected value 'if'",
        "{run: a, background: true}, {wait-all: false} | 6:47: The value of 'wait-all' must be true"
            + " or omitted",
        "{run: a, background: '${{ true }}'} | 6:29: A template expression is not allowed in this"
            + " context",
        "{parallel: [{run: a, background: true}]} | 6:29: Unexpected value 'background'",
        "{parallel: [{wait-all: null}]} | 6:21: Unexpected value 'wait-all'. Parallel steps run"
            + " scripts and use actions",
        "{parallel: [{parallel: [{run: a}]}]} | 6:21: Unexpected value 'parallel'. Parallel steps"
            + " run scripts and use actions",
        "{parallel: [{run: a}], name: b} | 6:31: Unexpected value 'name'",
      })
  void saysWhatCannotBe(String steps, String message) {
    assertThat(findings(job("runs-on: x\nsteps:\n  [" + steps + "]")))
        .anySatisfy(line -> assertThat(line).startsWith("ci.yml:" + message));
  }

  @Test
  void warnsWhereNothingIsWaitedFor() {
    assertThat(findings(job("runs-on: x\nsteps: [{id: a, run: b}, {wait: a}, {wait-all: true}]")))
        .containsExactly(
            "ci.yml:5:37: warning: The step 'a' has no `background: true`: it has ended by now",
            "ci.yml:5:41: warning: No step before this one has `background: true`");
  }

  @Test
  void aJobHasOnlySoManyOfThem() {
    String many = String.join(", ", Collections.nCopies(101, "{run: a, background: true}"));

    assertThat(findings(job("runs-on: x\nsteps: [" + many + "]")))
        .singleElement()
        .asString()
        .endsWith(
            "A job has at most 100 background steps; put some of them into a job of their own");
  }

  @Test
  void knowsTheOutputsOfAStepFromWhereItWasWaitedFor() {
    assertThat(
            lint(
                """
                - {id: a, run: b, background: true}
                - run: echo ${{ steps.a.outputs.x }}
                - wait: a
                - run: echo ${{ steps.a.outputs.x }}
                """))
        .containsExactly(
            "ci.yml:7:19: warning: 'steps.a' is always null: no step with the id 'a' has ended"
                + " before this one");
  }
}
