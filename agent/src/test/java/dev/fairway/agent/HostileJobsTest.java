package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs that use whatever they can get: each ends with a clear reason, in bounded time, and the
/// next job of the agent runs at once.
final class HostileJobsTest {
  private static final long MIB = 1L << 20;

  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @AfterEach
  void theAgentIsNoneTheWorse() throws Exception {
    prison.nextJobRuns();
    assertThat(folder.resolve("jobs").toFile().list()).containsExactly("other");
    assertThat(prison.isolation.groups().left(prison.id).groups()).isEmpty();
  }

  private static JobAssignment.Limits limits(long logBytes, long memory, int processes) {
    return new JobAssignment.Limits(logBytes, 64 * MIB, memory, processes, 300);
  }

  @Test
  void aForkBombIsHeldBackAndDies() throws Exception {
    assumeTrue(
        !prison.isolation.groups().missing().contains("processes"),
        "no pids control group is writable");
    var result =
        prison.job(
            """
            - shell: sh
              timeout-minutes: 1
              run: |
                bomb() { bomb 2>/dev/null | bomb 2>/dev/null & }
                bomb 2>/dev/null
                for i in $(seq 300); do sleep 60 & done 2>/dev/null
                /bin/true && /bin/true
                exit 9
            """,
            true,
            limits(MIB, 1 << 30, 50));

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("exit code");
  }

  @Test
  void aLogWithoutEndIsBoundedWithItsReason() throws Exception {
    var result =
        prison.job("- run: yes 'all work and no play'\n", true, limits(4 * MIB, 1 << 30, 100));

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("log has reached its limit of " + 4 * MIB + " bytes");
    assertThat(result.logSize()).isLessThan(5 * MIB);
  }

  @Test
  void aLineWithoutEndIsCutAndTakesNoMemory() throws Exception {
    var before = usedMemory();
    var result =
        prison.job(
            "- run: head -c 300000000 /dev/zero | tr '\\0' x; echo; echo after it\n",
            true,
            limits(8 * MIB, 1 << 30, 100));

    assertThat(result.outcome()).as(result.reason()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("after it");
    assertThat(result.logSize()).isLessThan(MIB);
    assertThat(usedMemory() - before).isLessThan(100 * MIB);
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void whoIgnoresTheRequestToEndIsKilledWithAllThatHeStarted() throws Exception {
    var mark = "7" + System.nanoTime() % 100_000_000;
    var watcher =
        Thread.ofVirtual()
            .start(() -> {
              Jobs.await("it is deaf", () -> prison.run.lines.contains("deaf"));
              prison.run.cancellation.cancel();
            });
    var result =
        prison.job(
            """
            - shell: bash
              run: |
                trap '' TERM INT HUP
                (trap '' TERM; setsid sleep %1$s & (setsid sleep %1$s &) )
                echo deaf
                while :; do sleep 1; done
            """
                .formatted(mark));
    watcher.join();

    assertThat(result.outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(running("sleep " + mark)).isZero();
  }

  @Test
  void daemonsThatHideTwiceDieWithTheirJob() throws Exception {
    var mark = "8" + System.nanoTime() % 100_000_000;
    var result =
        prison.job(
            """
            - shell: bash
              run: |
                env -i setsid sh -c 'trap "" TERM HUP; (setsid sleep %1$s </dev/null >/dev/null 2>&1 &) & exit 0'
                (env -i nohup setsid sleep %1$s </dev/null >/dev/null 2>&1 &)
                until [ "$(pgrep -fc 'sleep %1$s')" -ge 2 ]; do :; done
            """
                .formatted(mark));

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(running("sleep " + mark)).isZero();
  }

  private static long running(String end) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").endsWith(end))
        .count();
  }

  @Test
  void outputsWithoutEndAreRefused() throws Exception {
    for (var file : new String[] {"OUTPUT", "ENV", "PATH", "STATE"}) {
      var result = prison.job("- run: yes NAME=value | head -n 400000 >> $GITHUB_" + file + "\n");

      assertThat(result.outcome()).as(file).isEqualTo(Outcome.FAILURE);
      assertThat(result.reason()).contains("GITHUB_" + file + " is larger than its limit of");
    }
  }

  @Test
  void aHundredThousandFilesAreDeletedAndNotUploaded() throws Exception {
    var began = System.nanoTime();
    var result =
        prison.job(
            """
            - run: mkdir many && cd many && seq 1 100000 | xargs touch
            - uses: actions/upload-artifact@v4
              with: {name: many, path: many}
            """);

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("more than " + ZipWriter.MAX_ENTRIES + " files");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void foldersDeeperThanAnyPathAreDeleted() throws Exception {
    var result =
        prison.job(
            """
            - shell: python3 {0}
              run: |
                import os
                for home in (os.environ["HOME"], "."):
                    os.chdir(home)
                    for depth in range(100):
                        os.mkdir("d" * 200)
                        os.symlink("/", "everything")
                        os.chdir("d" * 200)
            """);

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(folder.resolve("jobs").toFile().list()).containsExactly("other");
  }

  @Test
  void masksWithoutEndAreRefusedBeforeTheyFillTheAgentsMemory() throws Exception {
    var result =
        prison.job(
            """
            - shell: python3 {0}
              run: |
                import os
                for mask in range(30):
                    print("::add-mask::" + os.urandom(30000).hex())
            """);

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains(Masker.MAX_LEARNED_CHARS + " characters in a job");
  }

  @Test
  void whenTheMachineHasNoMemoryAJobEndsBeforeTheAgent() throws Exception {
    var result = prison.job("- run: cat /proc/self/oom_score_adj\n");

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("1000");
  }
}
