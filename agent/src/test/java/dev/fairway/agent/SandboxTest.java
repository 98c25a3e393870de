package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SandboxTest {
  @TempDir Path folder;
  private Jobs.Run run;
  private Isolation isolation;
  private Path token;

  @BeforeEach
  void probe() throws Exception {
    run = new Jobs.Run(folder);
    token = Files.writeString(folder.resolve("agent.token"), "agent-token-value\n");
    var secret = Files.createDirectory(folder.resolve("server"));
    Files.writeString(secret.resolve("key.pem"), "signing-key-value\n");
    isolation = Isolation.probe(List.of(token, secret, folder.resolve("jobs")));
    assumeTrue(isolation.bubblewrap(), isolation.reason());
  }

  private JobResult run(String steps, boolean network, JobAssignment.Limits limits)
      throws Exception {
    return run.start(
        Jobs.assignment(steps, Map.of(), network, limits),
        folder,
        isolation,
        new CheckoutSource.Folder(folder));
  }

  private JobResult run(String steps) throws Exception {
    return run(steps, true, JobAssignment.Limits.DEFAULT);
  }

  @Test
  void aJobSeesNeitherTheAgentsTokenNorTheServersKey() throws Exception {
    var result =
        run(
            """
            - run: |
                cat %1$s/agent.token || echo no token
                ls -A %1$s/server | wc -l
                ls %1$s/jobs | wc -l
                ls %1$s/jobs/*/spool 2>&1 | tail -1
            """
                .formatted(folder));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.log()).doesNotContain("agent-token-value").doesNotContain("signing-key");
    assertThat(run.lines).contains("0", "1");
    assertThat(run.log()).contains("No such file");
  }

  @Test
  void aJobHasNoCapabilitiesAndItsOwnUser() throws Exception {
    var result =
        run(
            """
            - run: |
                grep -E '^Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/self/status
                echo "user $(id -un) $(id -u) groups [$(id -G)] $(id -gn) home $HOME"
                stat -c %%u . "$HOME" "$RUNNER_TEMP" | sort -u
            """
                .replace("%%", "%"));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1");
    assertThat(run.log()).contains("user job ");
    if (isolation.ownUser()) {
      var id = run.lines.stream().filter(line -> line.matches("64\\d{3}")).toList();
      assertThat(id).hasSize(1);
      assertThat(run.log())
          .contains("user job %s groups [%s] job".formatted(id.getFirst(), id.getFirst()));
    }
  }

  @Test
  void aJobWritesOnlyIntoItsOwnFolders() throws Exception {
    var marker = Path.of("/tmp", "fairway-" + System.nanoTime());
    var result =
        run(
            """
            - run: |
                echo here > %1$s && cat %1$s
                touch /etc/fairway /usr/fairway /var/fairway 2>/dev/null || echo read-only
                touch "$(dirname "$GITHUB_ENV")/more" 2>/dev/null || echo no new command files
                touch "$(dirname "$RUNNER_TEMP")/more" 2>/dev/null || echo nothing beside them
                touch "$HOME/x" "$RUNNER_TEMP/x" x && echo own folders
                ln "$HOME/x" from-home 2>/dev/null && echo linked || true
                ps -e | wc -l
            - run: cat %1$s
            """
                .formatted(marker));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines)
        .contains("read-only", "no new command files", "nothing beside them", "own folders");
    if (isolation.ownUser()) {
      // Package managers link from their caches instead of copying.
      assertThat(run.lines).contains("linked");
    }
    assertThat(run.lines.stream().filter("here"::equals)).hasSize(2);
    assertThat(marker).doesNotExist();
    assertThat(folder.resolve("jobs")).isEmptyDirectory();
  }

  @Test
  void aStepOpensItsOutputByName() throws Exception {
    var result =
        run(
            """
            - run: |
                echo one >/dev/stdout
                echo two | tee /dev/stderr >/dev/null
                echo three >/proc/self/fd/1
                (: </dev/stdout) 2>/dev/null && echo readable || echo not readable
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("one", "two", "three");
    if (isolation.ownUser()) {
      assertThat(run.lines).contains("not readable");
    }
  }

  @Test
  void aStepThatComesAfterTheEndOfItsSandboxIsLostAndDoesNotWait() throws Exception {
    var job = JobFolder.create(folder.resolve("job"), UserIds.shared());
    try (var forks = new ForkServer(folder.resolve("pipes"), _ -> {});
        var sandbox =
            Sandbox.open(
                forks,
                "lost",
                job,
                Isolation.none(),
                true,
                JobAssignment.Limits.DEFAULT,
                true,
                "nonce",
                new Silence())) {
      // The number of the supervisor itself.
      job.writeControl("1.launch", "kill -s KILL $$\n");
      var _ = sandbox.start(1);
      Jobs.await(
          "nothing of it is heard any more",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().equals("output-lost")));

      assertThat(sandbox.start(2).code()).isCompletedExceptionally();
    }
  }

  private static final class Silence implements Sandbox.Output {
    @Override
    public void line(byte[] line, int length, long total) {}

    @Override
    public void idle() {}

    @Override
    public int lookAhead() {
      return 0;
    }
  }

  @Test
  void aDaemonDiesWithItsJob() throws Exception {
    var mark = "6" + System.nanoTime() % 100_000_000;
    var result = run("- run: (setsid nohup sleep %s >/dev/null 2>&1 &)\n".formatted(mark));

    assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(
            ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").endsWith("sleep " + mark)))
        .isEmpty();
  }

  @Test
  void aJobWithoutNetworkReachesNothing() throws Exception {
    var result =
        run(
            "- run: tail -n +3 /proc/net/dev | cut -d':' -f1 | tr -d ' ' | sort\n",
            false,
            JobAssignment.Limits.DEFAULT);

    assertThat(result.outcome()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("lo").doesNotContain("eth0");
    assertThat(run.events())
        .filteredOn(JobEvent.SandboxNote.class::isInstance)
        .singleElement()
        .satisfies(note ->
            assertThat(((JobEvent.SandboxNote) note).text()).contains("bubblewrap", "network off"));
  }

  @Test
  void aJobThatForksWithoutEndIsHeldBack() throws Exception {
    assumeTrue(
        !isolation.groups().missing().contains("processes"), "no pids control group is writable");
    var limits = new JobAssignment.Limits(1 << 20, 1 << 20, 1L << 30, 40, 300);
    var result =
        run(
            "- shell: sh\n  run: for i in $(seq 100); do sleep 30 & done; echo all started\n",
            true,
            limits);

    assertThat(result.outcome()).as(run.log()).isNotEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).doesNotContain("all started");
  }

  @Test
  void aJobThatEatsMemoryIsEndedAndTheAgentLives() throws Exception {
    assumeTrue(
        !isolation.groups().missing().contains("memory"), "no memory control group is writable");
    var limits = new JobAssignment.Limits(1 << 20, 1 << 20, 64L << 20, 100, 300);
    var result = run("- run: python3 -c 'x = bytearray(400 << 20); print(len(x))'\n", true, limits);

    assertThat(result.outcome()).as(run.log()).isNotEqualTo(Outcome.SUCCESS);
    assertThat(run.log()).doesNotContain("419430400");
  }

  @Test
  void aStepThatUsedUpTheMemorySaysSo() throws Exception {
    assumeTrue(
        !isolation.groups().missing().contains("memory"), "no memory control group is writable");
    var limits = new JobAssignment.Limits(1 << 20, 1 << 20, 64L << 20, 100, 300);
    var result =
        run(
            """
            - run: exit 3
              continue-on-error: true
            - run: sh -c 'head -c 200000000 /dev/zero | tail'
            """,
            true,
            limits);

    assertThat(result.reason()).contains("used up its 64 MiB of memory");
    assertThat(run.lines.stream().filter(line -> line.contains("64 MiB of memory"))).hasSize(1);
  }

  @Test
  void aJobReachesNoDeviceNoSocketAndNoProcessOfTheMachine() throws Exception {
    var result =
        run(
            """
            - run: |
                ls /dev | sort | xargs
                mknod "$HOME/disk" b 8 0 2>/dev/null || echo no devices
                mount -t tmpfs none "$HOME" 2>/dev/null || echo no mounts
                find /run -type s 2>/dev/null | wc -l
                kill -0 %d 2>/dev/null || echo no such process
                ln -s /proc/1/root/etc/shadow shadow && cat shadow 2>/dev/null || echo no shadow
            """
                .formatted(ProcessHandle.current().pid()));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("no devices", "no mounts", "0", "no such process", "no shadow");
    assertThat(run.log()).doesNotContain("sda").doesNotContain("mem ");
  }
}
