package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JobRunnerTest {
  @TempDir Path folder;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps) throws Exception {
    return run.start(
        Jobs.assignment(steps), folder, Isolation.none(), new CheckoutSource.Folder(folder));
  }

  @Test
  void aStepSeesTheVariablesOfWorkflowJobAndStep() throws Exception {
    var result =
        run(
            """
            - run: echo "$LEVEL $COLOUR $SIZE $CI $GITHUB_ACTIONS $GITHUB_SHA $GITHUB_REF $RUNNER_OS"
              env:
                SIZE: big
            - run: echo "size=[$SIZE] in ${PWD##*/}"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("workflow blue big true true " + Jobs.SHA + " refs/heads/main Linux")
        .contains("size=[] in payments");
  }

  @Test
  void whatAStepWritesToItsFilesReachesTheNextSteps() throws Exception {
    var result =
        run(
            """
            - id: version
              run: |
                mkdir tools && printf '#!/bin/sh\\necho tool ran\\n' > tools/tool && chmod +x tools/tool
                echo "$PWD/tools" >> "$GITHUB_PATH"
                printf 'NOTE<<END\\none\\ntwo\\nEND\\nmy-name=odd\\n' >> "$GITHUB_ENV"
                echo version=1.2.3 >> "$GITHUB_OUTPUT"
                echo '# Well done' >> "$GITHUB_STEP_SUMMARY"
            - run: |
                tool
                echo "$NOTE" | tail -1
                env | grep my-name
                echo ${{ steps.version.outputs.version }} ${{ steps.version.conclusion }}
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("tool ran", "two", "my-name=odd", "1.2.3 success");
    assertThat(result.outputs()).containsExactly(Map.entry("version", "1.2.3"));
    assertThat(run.events())
        .filteredOn(JobEvent.Summary.class::isInstance)
        .singleElement()
        .extracting(event -> ((JobEvent.Summary) event).markdown())
        .isEqualTo("# Well done\n");
  }

  @Test
  void aFailureSkipsWhatDoesNotAskForIt() throws Exception {
    var result =
        run(
            """
            - id: may
              run: exit 3
              continue-on-error: true
            - run: echo may=${{ steps.may.outcome }}/${{ steps.may.conclusion }}
            - run: exit 4
            - run: echo never
            - run: echo cleaned up
              if: always()
            - run: echo after ${{ job.status }}
              if: failure()
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit 4").contains("exit code 4");
    assertThat(run.lines)
        .contains("may=failure/success", "cleaned up", "after failure")
        .doesNotContain("never");
    assertThat(List.of(1, 2, 3, 4, 5).stream().map(run::outcome))
        .containsExactly(
            Outcome.FAILURE, Outcome.SUCCESS, Outcome.FAILURE, Outcome.SKIPPED, Outcome.SUCCESS);
  }

  @Test
  void anInputThatNoCheckoutHasIsAWarningAndOneThatThisOneDoesNotHonourAnError() throws Exception {
    var result =
        run(
            """
            - uses: actions/setup-node@v4
              id: node
              continue-on-error: true
              with: {node-versions: 1, node-version: none-such}
            - uses: actions/cache@v4
              with:
                path: a
                key: b
                nothing: c
                ${{ format('{0}-always', 'save') }}: true
            """);

    assertThat(run.lines)
        .contains(
            "##[warning]actions/setup-node has no input `node-versions`",
            "##[warning]actions/cache has no input `nothing`");
    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("The input 'save-always' of actions/cache can only be false");
  }

  @Test
  void shellsAreCalledAsGitHubCallsThem() throws Exception {
    var result =
        run(
            """
            - run: false | true; echo plain goes on
            - run: import sys; print("python", sys.version_info[0])
              shell: python
            - run: echo "$0" | grep -c '\\.sh$'
              shell: sh
            - run: false | true; echo not reached
              shell: bash
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(run.lines).contains("plain goes on", "python 3", "1").doesNotContain("not reached");
  }

  @Test
  void aShellOfTheUsersOwnIsCalledWithTheScript() throws Exception {
    var result =
        run(
            """
            - run: echo "options $- of ${0##*.}"
              shell: bash -e -f {0}
            - run: echo $HOME && ls
              shell: cat -A {0}
            - run: Write-Output powershell
              shell: pwsh
              if: steps.none.outcome == 'x'
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("echo $HOME && ls$")
        .anyMatch(line -> line.matches("options .*ef.* of sh"));
  }

  @Test
  void powerShellThatIsNotThereIsSaid() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "command -v pwsh").start().waitFor() != 0,
        "this machine has PowerShell");

    var result = run("- {run: Get-Date, shell: pwsh}");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(run.log()).contains("this agent has no pwsh on its PATH");
  }

  @Test
  void secretsNeverReachTheHost() throws Exception {
    var result =
        run(
            """
            - name: with ${{ secrets.TOKEN }}
              run: |
                echo "${{ secrets.TOKEN }}"
                printf %s "$VALUE" | base64
                printf 's3cr3t-'; printf 'value\\n'
                echo "::add-mask::hush-hush"
                echo "hush-hush"
                echo "::error file=src/a.java,line=3::told s3cr3t-value"
                echo "s3cr3t-value" >> "$GITHUB_STEP_SUMMARY"
              env:
                VALUE: user:${{ secrets.TOKEN }}
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.log()).doesNotContain("s3cr3t-value").doesNotContain("\nhush");
    assertThat(run.log()).doesNotContain("czNjcjN0").contains("***");
    assertThat(run.events().toString()).doesNotContain("s3cr3t-value");
    assertThat(run.events())
        .filteredOn(JobEvent.Annotation.class::isInstance)
        .singleElement()
        .satisfies(event -> {
          var annotation = (JobEvent.Annotation) event;
          assertThat(annotation.file()).isEqualTo("src/a.java");
          assertThat(annotation.line()).isEqualTo(3);
          assertThat(annotation.message()).isEqualTo("told ***");
        });
    assertThat(result.outputs()).doesNotContainKey("leak");
  }

  @Test
  void aCancelledStepLosesItsWholeProcessGroup() throws Exception {
    var pid = folder.resolve("pid");
    var job =
        Jobs.assignment(
            """
            - run: |
                (trap '' TERM; echo $BASHPID > %s; exec sleep 600) &
                echo started
                wait
            - run: echo skipped
            - run: echo tidied up
              if: cancelled()
            """
                .formatted(pid));
    var result =
        CompletableFuture.supplyAsync(() -> {
          try {
            return run.start(job, folder, Isolation.none(), new CheckoutSource.Folder(folder));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the step runs", () -> run.log().contains("started") && Files.exists(pid));
    var child = Long.parseLong(Files.readString(pid).strip());
    assertThat(ProcessHandle.of(child)).isPresent();

    run.cancellation.cancel();

    assertThat(result.get().outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(run.lines).contains("tidied up").doesNotContain("skipped");
    Jobs.await("the child is gone", () -> ProcessHandle.of(child).isEmpty());
  }

  @Test
  void aStepThatTakesTooLongIsTimedOut() throws Exception {
    var result =
        run(
            """
            - run: sleep 60
              timeout-minutes: 0.01
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.TIMED_OUT);
    assertThat(run.outcome(1)).isEqualTo(Outcome.TIMED_OUT);
  }

  @Test
  void whatAStepLeavesRunningServesTheNextAndDiesWithTheJob() throws Exception {
    var pid = folder.resolve("daemon");
    var result =
        run(
            """
            - run: |
                nohup sleep 600 >/dev/null 2>&1 &
                echo $! > %1$s
            - run: kill -0 $(cat %1$s) && echo still there
            """
                .formatted(pid));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("still there");
    var daemon = Long.parseLong(Files.readString(pid).strip());
    Jobs.await("the daemon is gone", () -> ProcessHandle.of(daemon).isEmpty());
  }

  @Test
  void aLogBeyondItsLimitFailsTheJobByName() throws Exception {
    var limits = new JobAssignment.Limits(10_000, 1 << 20, 1L << 30, 1_000, 600);
    var result =
        run.start(
            Jobs.assignment("- run: yes a long line of output\n", Map.of(), true, limits),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("limit of 10000 bytes");
    assertThat(result.logSize()).isLessThanOrEqualTo(10_000);
    assertThat(run.lines.getLast()).startsWith("##[error]The log ends here");
  }

  @Test
  void refusedCommandsFailTheStep() throws Exception {
    var result = run("- run: echo '::set-output name=a::b'\n- run: echo never\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("$GITHUB_OUTPUT");
  }

  @Test
  void anInvalidCommandFileFailsTheStepWithItsLine() throws Exception {
    var result = run("- run: echo nonsense >> $GITHUB_ENV\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("GITHUB_ENV, line 1");
  }

  @Test
  void artifactsTravelFromJobToJobWithTheirPermissions() throws Exception {
    var result =
        run(
            """
            - run: |
                mkdir -p out/deep && echo one > out/a.txt && echo two > out/deep/b.sh
                chmod 755 out/deep/b.sh && echo hidden > out/.secret
            - uses: actions/upload-artifact@v4
              with:
                name: things
                path: out
            - uses: actions/download-artifact@v4
              with:
                name: things
                path: back
            - run: cd back && find . -type f | sort && stat -c %a deep/b.sh
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("./a.txt", "./deep/b.sh", "755").doesNotContain("./.secret");
  }

  @Test
  void aLinkThatLeavesTheWorkspaceIsNotUploaded() throws Exception {
    var result =
        run(
            """
            - run: mkdir out && ln -s /etc/passwd out/users
            - uses: actions/upload-artifact@v4
              with:
                path: out
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("a link that leaves the workspace");
  }

  @Test
  void checkoutOfAFolderBringsChangesThatAreNotCommitted() throws Exception {
    var source = Files.createDirectory(folder.resolve("source"));
    for (var command :
        List.of(
            "git init -q -b main",
            "git config user.email ada@example.org",
            "git config user.name Ada",
            "touch gone",
            "git add gone",
            "git commit -qm first")) {
      var process = new ProcessBuilder(command.split(" ")).directory(source.toFile()).start();
      assertThat(process.waitFor()).isZero();
    }
    Files.delete(source.resolve("gone"));
    Files.writeString(source.resolve("new file"), "fresh\n");

    var result =
        run.start(
            Jobs.assignment(
                """
                - uses: actions/checkout@v4
                - run: ls && cat 'new file' && git log --format=%s
                """),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(source));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("new file", "fresh", "first").doesNotContain("gone");
  }

  @Test
  void outputsThatCannotBeEvaluatedFailTheJobAndNotItsSetUp() throws Exception {
    var result =
        run.start(
            Jobs.assignmentOf(
                """
                on: push
                jobs:
                  work:
                    runs-on: linux
                    outputs:
                      broken: ${{ fromJSON(steps.version.outputs.version) }}
                    steps:
                      - id: version
                        run: echo version=no-json >> $GITHUB_OUTPUT
                """,
                Map.of(),
                true,
                JobAssignment.Limits.DEFAULT),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).startsWith("The job's outputs: .github/workflows/ci.yml:6:15: ");
    assertThat(run.outcome(0)).isEqualTo(Outcome.SUCCESS);
    assertThat(run.outcome(1)).isEqualTo(Outcome.SUCCESS);
  }

  @Test
  void aStepThatCannotBeEvaluatedNamesThePlaceInTheWorkflow() throws Exception {
    var result =
        run.start(
            Jobs.assignmentOf(
                """
                on: push
                jobs:
                  work:
                    runs-on: linux
                    defaults:
                      run: ${{ fromJSON('{"shel":"sh"}') }}
                    steps:
                      - run: echo
                      - if: always()
                        run: echo
                        timeout-minutes: ${{ fromJSON('"soon"') }}
                """,
                Map.of(),
                true,
                JobAssignment.Limits.DEFAULT),
            folder,
            Isolation.none(),
            new CheckoutSource.Folder(folder));

    assertThat(result.reason())
        .isEqualTo(
            "Step `Run echo`: .github/workflows/ci.yml:6:12: Unexpected value 'shel'. Expected"
                + " shell, working-directory");
    assertThat(run.log())
        .contains(
            "##[error].github/workflows/ci.yml:11:26: The value of 'timeout-minutes' must be a"
                + " number, not String");
  }

  @Test
  void outputsBeyondTheirLimitFailTheJobWithBothNumbers() throws Exception {
    var result =
        run(
            """
            - id: version
              run: (printf version=; head -c 300000 /dev/zero | tr '\\0' x; echo) >> $GITHUB_OUTPUT
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("3000", "the limit is 262144");
    assertThat(result.outputs()).isEmpty();
  }

  @Test
  void aStepThatIsStoppedInTheMiddleOfACommandFileIsStillATimeOut() throws Exception {
    var result =
        run(
            """
            - timeout-minutes: 0.01
              run: |
                printf 'version<<END\\nhalf\\n' >> $GITHUB_OUTPUT
                sleep 60
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.TIMED_OUT);
    assertThat(run.log()).contains("##[warning]Cannot read the file GITHUB_OUTPUT");
  }

  @Test
  void theExitCodeIsTheReasonEvenWhereACommandFileIsBroken() throws Exception {
    var result = run("- run: echo no-pair >> $GITHUB_OUTPUT; exit 3\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit code 3");
  }

  private static final String CLEANING_UP =
      """
      - run: echo begun; sleep 60
      - run: sleep 60
        if: always()
      - run: sleep 60
        if: always()
      """;

  @Test
  void allStepsThatCleanUpShareOneTime() throws Exception {
    endsSoonAfterCancelling(Jobs.assignment(CLEANING_UP), Duration.ofMillis(300));
  }

  @Test
  void aJobSaysHowLongItsStepsMayCleanUp() throws Exception {
    var text =
        """
        on: push
        jobs:
          work:
            runs-on: linux
            cancel-timeout-minutes: 0.005
            steps:
        """
            + CLEANING_UP.indent(6);
    endsSoonAfterCancelling(
        Jobs.assignmentOf(text, Map.of(), true, JobAssignment.Limits.DEFAULT),
        Duration.ofMinutes(5));
  }

  private void endsSoonAfterCancelling(JobAssignment job, Duration cleanUp) throws Exception {
    var settings =
        new RunnerSettings(
            "test-agent", folder.resolve("jobs"), Isolation.none(), Optional.empty(), Map.of());
    var begun = System.nanoTime();
    var result =
        CompletableFuture.supplyAsync(() -> {
          try (var runner = new JobRunner(settings, Clock.systemUTC(), cleanUp)) {
            return runner.run(
                job,
                new FolderHost(run.artifacts, new CheckoutSource.Folder(folder), run),
                run.cancellation);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Jobs.await("the step runs", () -> run.log().contains("\nbegun"));
    run.cancellation.cancel();

    assertThat(result.get().outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    assertThat(run.outcome(3)).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void aMaskThatTheLogWouldCutFailsTheStepAndIsNotShown() throws Exception {
    var result = run("- run: echo \"::add-mask::$(head -c 70000 /dev/zero | tr '\\0' q)\"\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("`::add-mask::` takes a value of at most");
    assertThat(run.log()).doesNotContain("qqqq");
  }

  @Test
  void aSummaryBeyondItsLimitIsCutAndSaysSo() throws Exception {
    run("- run: head -c 200000 /dev/zero | tr '\\0' x >> $GITHUB_STEP_SUMMARY\n");

    assertThat(run.events())
        .filteredOn(JobEvent.Summary.class::isInstance)
        .singleElement()
        .extracting(event -> ((JobEvent.Summary) event).markdown())
        .asString()
        .hasSize(JobEvent.Summary.MAX_CHARS)
        .endsWith("characters and ends here.\n");
  }
}
