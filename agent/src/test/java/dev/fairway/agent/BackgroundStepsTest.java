package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Steps that run beside each other, in real processes.
final class BackgroundStepsTest {
  @TempDir Path folder;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps) throws Exception {
    return run(steps, Isolation.none());
  }

  private JobResult run(String steps, Isolation isolation) throws Exception {
    return run.start(Jobs.assignment(steps), folder, isolation, new CheckoutSource.Folder(folder));
  }

  private CompletableFuture<JobResult> begin(String steps) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return run(steps);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    });
  }

  private List<String> names() {
    return run.events().stream()
        .filter(JobEvent.StepStarted.class::isInstance)
        .map(event -> ((JobEvent.StepStarted) event).name())
        .toList();
  }

  /// Each waits for the other, and what the first one adds is seen from where it was waited for.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStepRunsBesideTheOthersUntilOneWaitsForIt(boolean sandboxed) throws Exception {
    var result =
        run(
            """
            - id: a
              name: First
              background: true
              run: |
                touch a-runs
                until [ -e b-runs ]; do sleep 0.01; done
                echo "from=a" >> "$GITHUB_OUTPUT"
                echo "A=added" >> "$GITHUB_ENV"
                mkdir -p tools && echo "$PWD/tools" >> "$GITHUB_PATH"
                echo done
            - run: |
                until [ -e a-runs ]; do sleep 0.01; done
                touch b-runs
                echo "[$A] [${{ steps.a.outputs.from }}]"
            - wait: a
            - run: echo "$A ${{ steps.a.outputs.from }} ${{ steps.a.conclusion }} ${PATH%%:*}"
            """,
            sandboxed ? Isolation.probe(List.of()) : Isolation.none());

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("[] []", "[a] done")
        .anySatisfy(line -> assertThat(line).matches("added a success /.*/tools"));
    assertThat(names()).containsSubsequence("Set up job", "First", "Wait for a");
  }

  @Test
  void parallelStepsRunAtTheSameTimeAndAreWaitedFor() throws Exception {
    var result =
        run(
            """
            - parallel:
                - {name: One, run: "touch one; until [ -e two ]; do sleep 0.01; done; echo same"}
                - {name: Two, run: "touch two; until [ -e one ]; do sleep 0.01; done; echo same"}
            - run: ls one two
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("[One] same", "[Two] same", "one", "two");
  }

  @Test
  void aServiceIsCancelledAndThatIsNoFailure() throws Exception {
    var result =
        run(
            """
            - id: server
              background: true
              run: |
                trap 'echo stopping; exit 3' TERM
                touch ready
                while :; do sleep 0.01; done
            - run: until [ -e ready ]; do sleep 0.01; done
            - cancel: server
            - run: echo "${{ steps.server.outcome }} ${{ steps.server.conclusion }} ${{ job.status }}"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("[server] stopping", "cancelled cancelled success");
    assertThat(run.outcome(1)).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void aFailureCountsFromWhereItWasWaitedFor() throws Exception {
    var result =
        run(
            """
            - {id: bad, name: Bad, run: "exit 7", background: true}
            - {id: mild, run: "exit 8", background: true, continue-on-error: true}
            - run: echo "before ${{ job.status }}"
            - wait-all:
            - run: echo never
            - run: echo "behind ${{ job.status }} ${{ steps.bad.outcome }} ${{ steps.mild.conclusion }}"
              if: always()
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .isEqualTo("Step `Wait for all`: `Bad`: the process ended with exit code 7");
    assertThat(run.lines)
        .contains("before success", "behind failure failure success")
        .contains("##[error][bad] Process completed with exit code 7.")
        .doesNotContain("never");
    assertThat(run.outcome(4)).isEqualTo(Outcome.FAILURE);
  }

  @Test
  void whoWaitsMayNotMindAFailure() throws Exception {
    var result =
        run(
            """
            - {id: bad, run: "exit 7", background: true}
            - {wait: bad, continue-on-error: true}
            - run: echo "${{ job.status }} ${{ steps.bad.conclusion }}"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("success failure");
  }

  @Test
  void theJobWaitsForWhatNobodyHasWaitedForAlsoAfterAFailure() throws Exception {
    var result =
        run(
            """
            - {name: Upload, run: "until [ -e go ]; do sleep 0.01; done; echo up; exit 4", background: true}
            - run: touch go; exit 9
            - wait-all:
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit code 9");
    assertThat(run.lines).contains("[Upload] up");

    run = new Jobs.Run(Files.createDirectory(folder.resolve("again")));
    var alone =
        run("- {name: Upload, run: 'sleep 0.1; exit 4', background: true}\n- run: 'true'\n");
    assertThat(alone.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(alone.reason()).isEqualTo("Step `Upload`: the process ended with exit code 4");
  }

  @Test
  void aCancelledJobEndsItsBackgroundSteps() throws Exception {
    var end =
        begin(
            """
            - {id: server, background: true, run: "touch up; while :; do sleep 0.01; done"}
            - run: until [ -e up ]; do sleep 0.01; done; echo running; while :; do sleep 0.01; done
            - {run: echo tidied, if: always()}
            """);
    Jobs.await("both run", () -> run.log().contains("\nrunning"));

    run.cancellation.cancel();

    assertThat(end.get().outcome()).as(run.log()).isEqualTo(Outcome.CANCELLED);
    assertThat(run.lines).contains("tidied");
    assertThat(run.outcome(1)).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void aStepMayTakeNoLongerThanItsTimeAlsoInTheBackground() throws Exception {
    var result =
        run(
            """
            - {id: slow, background: true, timeout-minutes: 0.005, run: "while :; do sleep 0.01; done"}
            - wait: slow
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.TIMED_OUT);
    assertThat(result.reason()).contains("The step took longer than its");
  }

  @Test
  void whatTheySayIsToldApart() throws Exception {
    var result =
        run(
            """
            - id: one
              background: true
              run: |
                echo "::group::Build"
                echo inside
                echo "::endgroup::"
                echo "::error file=a.c,line=3::broken s3cr3t-value"
                echo "::add-mask::hidden-by-one"
                echo "::stop-commands::pause"
                touch stopped
                until [ -e noticed ]; do sleep 0.01; done
                echo "# One" >> "$GITHUB_STEP_SUMMARY"
                printf 'no end of line'
            - run: |
                until [ -e stopped ]; do sleep 0.01; done
                echo "::notice::from two"
                touch noticed
                echo "# Two" >> "$GITHUB_STEP_SUMMARY"
            - wait: one
            - run: echo "behind it, hidden-by-one"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("[one] Build", "[one] inside", "##[error][one] broken ***")
        .contains("##[notice]from two", "[one] no end of line", "behind it, ***")
        .doesNotContain("[one] ##[endgroup]");
    assertThat(run.events())
        .filteredOn(JobEvent.Annotation.class::isInstance)
        .extracting(event -> ((JobEvent.Annotation) event).step())
        .containsExactlyInAnyOrder(1, 2);
    assertThat(run.events())
        .filteredOn(JobEvent.Summary.class::isInstance)
        .extracting(event -> ((JobEvent.Summary) event).markdown())
        .containsExactlyInAnyOrder("# One\n", "# Two\n");
  }

  @Test
  void onlySomeRunAtOnceAndOneThatHasNotBegunCanBeCancelled() throws Exception {
    var steps = new StringBuilder();
    for (var number = 1; number <= BackgroundSteps.MAX_AT_ONCE; number++) {
      steps.append(
          "- {id: s%1$d, background: true, run: \"touch s%1$d; until [ -e go ]; do sleep 0.01; done\"}\n"
              .formatted(number));
    }
    steps.append("- {run: 'until [ $(ls s* | wc -l) = 10 ]; do sleep 0.01; done'}\n");
    steps.append("- {id: never, background: true, run: touch never}\n");
    steps.append("- {id: late, background: true, run: 'ls go'}\n");
    steps.append("- cancel: never\n- run: touch go\n- wait-all:\n");
    steps.append("- run: test ! -e never\n");

    var result = run(steps.toString());

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("[late] go");
    assertThat(run.outcome(12)).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void anActionRunsInTheBackgroundWithAllItsStepsAndWhatItWantsDoneLast() throws Exception {
    var source = Files.createDirectories(folder.resolve("repository"));
    Files.createDirectories(source.resolve("act"));
    Files.writeString(
        source.resolve("act/action.yml"),
        """
        inputs: { who: { required: true } }
        outputs: { text: { value: "${{ steps.say.outputs.text }}" } }
        runs:
          using: composite
          steps:
            - run: until [ -e go ]; do sleep 0.01; done; echo "B=$WHO" >> "$GITHUB_ENV"
              shell: sh
              env: { WHO: "${{ inputs.who }}" }
            - id: say
              run: echo "text=$B" >> "$GITHUB_OUTPUT"
              shell: sh
        """);

    var result =
        run.start(
            Jobs.assignment(
                """
                - uses: actions/checkout@v4
                - {id: act, uses: ./act, with: {who: me}, background: true}
                - run: 'echo "B is [$B]"; touch go'
                - wait: act
                - run: echo "$B ${{ steps.act.outputs.text }}"
                """),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(source));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("B is []", "me me");
  }

  /// What a step leaves running goes on writing into its pipe.
  @Test
  void whatABackgroundStepLeavesRunningIsHeardUntilTheJobEnds() throws Exception {
    var result =
        run(
            """
            - id: starter
              background: true
              run: |
                (until [ -e go ]; do sleep 0.01; done; echo late words; touch said) &
            - wait: starter
            - run: touch go; until [ -e said ]; do sleep 0.01; done
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("[starter] late words");
  }
}
