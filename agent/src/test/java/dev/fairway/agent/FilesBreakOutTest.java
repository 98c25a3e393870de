package dev.fairway.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways out through files: other places of the machine, and links that lead the agent there, which
/// may read more than the job.
final class FilesBreakOutTest {
  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @Test
  void nothingOfTheAgentTheServerOrAnotherJobIsThere() throws Exception {
    prison.holds(
        "for f in %1$s/agent.token %1$s/server/key.pem %1$s/jobs/other/work/file; do"
            .formatted(folder),
        "  cat $f 2>/dev/null | grep -q value && echo got in: $f",
        "  cat /proc/self/root/$f /proc/1/root/$f /proc/$PPID/root/$f 2>/dev/null | grep -q value"
            + " && echo got in by root: $f",
        "  ln $f hard 2>/dev/null && grep -q value hard && echo got in by hard link: $f",
        "done",
        "grep -rlsE 'agent-token-valu[e]|signing-key-valu[e]|other-job-valu[e]' %s /tmp /var/tmp /run"
                .formatted(folder)
            + " | grep -v /work/ | sed 's/^/got in: /'",
        "echo tried everything");
  }

  @Test
  void linksInTheWorkspaceLeadTheAgentNowhere() throws Exception {
    for (var upload :
        new String[] {"token", "link/key.pem", "link", "deep/**", "../../../agent.token"}) {
      var result =
          prison.job(
              """
              - run: |
                  ln -s %1$s/agent.token token
                  ln -s %1$s/server link
                  mkdir deep && ln -s /proc/1/root%1$s deep/root && ln -s %1$s/jobs/other deep/other
              - uses: actions/upload-artifact@v4
                with: {name: stolen, path: '%2$s'}
              """
                  .formatted(folder, upload));

      assertThat(result.outcome())
          .as(upload + "\n" + prison.run.log())
          .isNotEqualTo(Outcome.SUCCESS);
      prison.nothingLeaked();
      assertThat(folder.resolve("artifacts")).isEmptyDirectory();
    }
  }

  @Test
  void aLinkThatChangesWhileItIsReadLeadsTheAgentNowhere() throws Exception {
    prison.job(
        """
        - run: |
            mkdir real && for i in $(seq 200); do echo mine > real/key$i.pem; echo mine > real/key.pem; done
            cat > swap.sh <<'END'
            while :; do
              rm -rf there; ln -s %1$s/server there; rm -f there; cp -r real there
            done
            END
            (setsid bash swap.sh >/dev/null 2>&1 &)
        - uses: actions/upload-artifact@v4
          continue-on-error: true
          with: {name: one, path: there}
        - uses: actions/upload-artifact@v4
          continue-on-error: true
          with: {name: two, path: there}
        - run: echo "${{ hashFiles('there/**') }}"
          continue-on-error: true
        """
            .formatted(folder));

    prison.nothingLeaked();
    try (var zips = Files.list(folder.resolve("artifacts"))) {
      for (var zip : zips.toList()) {
        assertThat(unzipped(zip)).doesNotContain(Prison.KEY);
      }
    }
    prison.nextJobRuns();
  }

  private static String unzipped(Path zip) throws Exception {
    var process = new ProcessBuilder("unzip", "-p", zip.toString()).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  @Test
  void aDownloadWritesNothingThroughALink() throws Exception {
    var target = folder.resolve("server/planted");
    var result =
        prison.job(
            """
            - run: mkdir out && echo planted > out/planted
            - uses: actions/upload-artifact@v4
              with: {name: plant, path: out}
            - run: ln -s %s/server inside
            - uses: actions/download-artifact@v4
              with: {name: plant, path: inside}
            """
                .formatted(folder));

    // Without a user of its own a job may write into the empty folder that stands there for it.
    if (prison.isolation.ownUser()) {
      assertThat(result.outcome()).as(prison.run.log()).isNotEqualTo(Outcome.SUCCESS);
    }
    assertThat(target).doesNotExist();
    assertThat(folder.resolve("server").toFile().list()).hasSize(1);
  }

  @Test
  void whatAJobLeavesIsDeletedWithoutFollowingItsLinks() throws Exception {
    var result =
        prison.job(
            """
            - run: |
                ln -s %1$s/server "$HOME/server"; ln -s %1$s/server work-server
                mkdir -p locked/inner && ln -s %1$s/agent.token locked/inner/token && chmod 000 locked/inner locked
                ln -s / "$RUNNER_TEMP/everything"
            """
                .formatted(folder));

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(folder.resolve("server/key.pem")).exists();
    assertThat(folder.resolve("agent.token")).exists();
    assertThat(folder.resolve("jobs").toFile().list()).containsExactly("other");
  }

  /// A container of the job may write in the folder of command files, and what was changed through
  /// a link would be a file of the machine, with the agent's rights.
  @Test
  void aCommandFileThatALinkReplacesAtOnceChangesNothingElse() throws Exception {
    var victim = Files.writeString(folder.resolve("victim"), "");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-r--r--"));
    var job = JobFolder.create(folder.resolve("jobs/mine"), UserIds.shared());
    var enough = new AtomicBoolean();
    var replacing =
        Thread.ofPlatform()
            .start(() -> {
              for (var next = 0; !enough.get(); ) {
                var file = job.commands().resolve("file-" + next);
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                  try {
                    Files.delete(file);
                    Files.createSymbolicLink(file, victim);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                  next++;
                }
              }
            });
    for (var number = 0; number < 2_000; number++) {
      var _ = job.createCommandFile("file-" + number);
    }
    enough.set(true);
    replacing.join();

    assertThat(Files.getPosixFilePermissions(victim))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
  }
}
