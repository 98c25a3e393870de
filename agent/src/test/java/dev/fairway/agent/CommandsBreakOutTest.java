package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ways out through what a step tells the agent: its command files and its output.
final class CommandsBreakOutTest {
  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GITHUB_TOKEN=x",
        "GITHUB_WORKSPACE=/",
        "github_env=/etc/passwd",
        "RUNNER_TEMP=/",
        "NODE_OPTIONS=--require=/tmp/x.js",
        "node_options=x",
        "FAIRWAY_JOB=other",
        "X<<END\nnever ended",
        "=value",
        "no name at all"
      })
  void aVariableThatLaterStepsTrustIsRefused(String line) throws Exception {
    var result =
        prison.job(
            "- run: |\n    printf '%s\\n' '"
                + line.replace("\n", "' '")
                + "' >> $GITHUB_ENV\n- run: echo later\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(prison.run.lines).doesNotContain("later");
  }

  @Test
  void variablesOfTheLoaderReachTheJobsProcessesAndNotTheAgents() throws Exception {
    var result =
        prison.job(
            """
            - run: |
                for name in LD_PRELOAD LD_LIBRARY_PATH BASH_ENV ENV GIT_SSH_COMMAND JAVA_TOOL_OPTIONS PYTHONPATH; do
                  echo "$name=$PWD/evil" >> $GITHUB_ENV
                done
                printf 'id -u > "$HOME/ran-as"; echo %1$s' value > evil; chmod +x evil
                mkdir bin && cp evil bin/sh && cp evil bin/setpriv && cp evil bin/git && cp evil bin/bwrap
                echo "$PWD/bin" >> $GITHUB_PATH
            - run: 'true'
              continue-on-error: true
            - run: |
                unset BASH_ENV; [ ! -e "$HOME/ran-as" ] || [ "$(cat "$HOME/ran-as")" != 0 ] || echo got in: root
              continue-on-error: true
            - uses: actions/upload-artifact@v4
              continue-on-error: true
              with: {name: any, path: evil}
            """);

    assertThat(prison.run.lines).noneMatch(line -> line.startsWith("got in"));
    assertThat(result.outcome()).isNotEqualTo(Outcome.ERROR);
    prison.nextJobRuns();
  }

  @Test
  void aCommandFileInWhosePlaceALinkStandsIsNotRead() throws Exception {
    for (var name : new String[] {"ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY"}) {
      prison.job(
          """
          - run: |
              rm -f $GITHUB_%1$s 2>/dev/null; ln -sf %2$s/server/key.pem $GITHUB_%1$s 2>/dev/null
              mv $GITHUB_%1$s elsewhere 2>/dev/null; ln %2$s/server/key.pem $GITHUB_%1$s 2>/dev/null; true
          - run: env; cat $GITHUB_EVENT_PATH
          """
              .formatted(name, folder));
      prison.nothingLeaked();
      assertThat(prison.run.events().toString()).doesNotContain(Prison.KEY);
    }
    assertThat(Files.readString(folder.resolve("server/key.pem"))).isEqualTo(Prison.KEY + "\n");
  }

  /// Names that everybody sees who sees the run.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "uses: actions/upload-artifact@v4\n  with: { name: 'of ${{ secrets.TOKEN }}', path: file }",
        "uses: actions/cache/save@v4\n  with: { key: 'of ${{ secrets.TOKEN }}', path: file }",
      })
  void aNameThatShowsASecretIsRefused(String step) throws Exception {
    var run = new Jobs.Run(folder);
    var result =
        run.start(
            Jobs.assignment("- run: echo > file\n- " + step + "\n"),
            folder,
            prison.isolation,
            new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("shows a secret").doesNotContain("s3cr3t");
    assertThat(folder.resolve("artifacts")).isEmptyDirectory();
  }

  /// A part of a secret is nothing that the masker knows.
  @Test
  void noPartOfASecretIsInAnAnnotation() throws Exception {
    var run = new Jobs.Run(folder);
    var job =
        Jobs.assignment(
            """
            - run: |
                echo '{"problemMatcher": [{"owner": "half", "pattern": [{"regexp": "^(.{6})(.*)$", "code": 1, "message": 2}]}]}' > m.json
                echo "::error title=$SECRET::first"
                echo "::error line=$PIN::second"
                echo "::add-matcher::m.json"
                echo "$SECRET"
              env:
                SECRET: ${{ secrets.COMMAS }}
                PIN: ${{ secrets.PIN }}
            """,
            Map.of("COMMAS", "winter,summer::spring", "PIN", "271828"),
            true,
            JobAssignment.Limits.DEFAULT);

    var result = run.start(job, folder, prison.isolation, new CheckoutSource.Folder(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.events()).filteredOn(JobEvent.Annotation.class::isInstance).isNotEmpty();
    assertThat(run.events().toString() + run.log())
        .doesNotContain("winter")
        .doesNotContain("summer")
        .doesNotContain("271828");
  }
}
