package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
