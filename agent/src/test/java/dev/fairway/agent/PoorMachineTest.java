package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The agent's process on machines that lack something: the rights of root, room on the disk.
final class PoorMachineTest {
  private static final int NOBODY = 65_534;

  /// Little more than an agent wants before it claims a job.
  private static final String DISK = "size=80m,mode=755,nr_inodes=3000";

  private static final int FILES = 4000;

  @TempDir Path folder;
  private ProtocolServer server;
  private @Nullable Process agent;

  @BeforeEach
  void open() throws IOException {
    assumeTrue(UserIds.current() == 0, "only root can become another user, or mount a disk");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.writeString(folder.resolve("token"), ProtocolServer.TOKEN);
    server = new ProtocolServer();
  }

  @AfterEach
  void end() throws InterruptedException {
    if (agent != null) {
      agent.destroyForcibly().waitFor();
    }
    if (server != null) {
      server.close();
    }
  }

  private void start(Path data, String classPath, List<String> before) throws IOException {
    var command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx48m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classPath,
            AgentMain.class.getName(),
            "--server",
            server.url(),
            "--token-file",
            folder.resolve("token").toString(),
            "--data",
            data.toString(),
            "--name",
            "poor",
            "--maven-repository",
            "none"));
    agent =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("agent.log").toFile())
            .start();
  }

  @Test
  void anAgentWithoutRootRunsJobsAndSaysWhatItCannotBound() throws Exception {
    var home = Files.createDirectory(folder.resolve("nobody"));
    for (var path : List.of(home, folder.resolve("token"))) {
      Files.setAttribute(path, "unix:uid", NOBODY);
    }
    start(
        home.resolve("data"),
        readableClassPath(),
        List.of(
            "setpriv",
            "--reuid=" + NOBODY,
            "--regid=" + NOBODY,
            "--clear-groups",
            "--inh-caps=-all",
            "--"));
    server.offer(
        Jobs.assignment(
            """
            - run: |
                echo "uid $(id -u)"
                grep CapEff /proc/self/status
                touch /etc/fairway 2>/dev/null || echo read-only
                cat %1$s/token 2>/dev/null || echo no token
                ls %1$s/nobody/data/lock 2>/dev/null || echo no lock
                echo data > file.txt
            - uses: actions/upload-artifact@v4
              with:
                path: file.txt
            """
                .formatted(folder)));

    Jobs.await("the job is complete", () -> server.completion() != null);

    assertThat(Objects.requireNonNull(server.completion()).outcome())
        .as(server.completion() + server.log() + Files.readString(folder.resolve("agent.log")))
        .isEqualTo(Outcome.SUCCESS);
    assertThat(server.log()).contains("uid " + NOBODY, "CapEff:\t0000000000000000", "read-only");
    assertThat(server.artifacts).containsKey("artifact");
    var note = note();
    assertThat(note).contains("the agent's user", "not bounded here: memory and processes");
    if (note.startsWith("bubblewrap")) {
      assertThat(server.log()).contains("Z no token\n", "Z no lock\n");
    } else {
      assertThat(note).startsWith("no sandbox (bubblewrap");
    }
  }

  private String note() {
    return server.events.stream()
        .filter(JobEvent.SandboxNote.class::isInstance)
        .map(event -> ((JobEvent.SandboxNote) event).text())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aFullDiskEndsTheJobWithTheReasonAndLosesNothingThatWasWritten() throws Exception {
    var data = Files.createDirectory(folder.resolve("data"));
    var probe = new ProcessBuilder(mounted(data, "true")).redirectErrorStream(true).start();
    assumeTrue(probe.waitFor() == 0, "a private mount namespace cannot be made here");
    start(data, System.getProperty("java.class.path"), mounted(data));
    server.offer(
        Jobs.assignment(
            """
            - run: |
                for i in $(seq 1 500); do echo "line $i"; done
                cat /dev/zero > "$HOME/fill" 2>/dev/null || echo disk full
                for i in $(seq 501 20000); do echo "line $i of many that nobody has room for"; done
            - run: echo never
            """));

    Jobs.await("the job is complete", () -> server.completion() != null);

    var completion = Objects.requireNonNull(server.completion());
    assertThat(completion.outcome()).as(server.log()).isEqualTo(Outcome.ERROR);
    assertThat(completion.reason())
        .contains("cannot keep the job's log", "See that the disk of the agent's data folder");
    assertThat(server.log()).contains("Z line 1\n", "Z line 500\n").doesNotContain("Z never");
    assertThat((long) server.log.size()).isEqualTo(completion.logSize());

    server.forgetJob();
    server.offer(Jobs.assignment("- run: echo room again\n"));
    Jobs.await("the next job is complete", () -> server.completion() != null);
    assertThat(Objects.requireNonNull(server.completion()).outcome()).isEqualTo(Outcome.SUCCESS);
  }

  /// With any number of bytes left it would fail one job after the other, as fast as it claims
  /// them.
  @Test
  void anAgentWhoseDiskTakesNoMoreFilesClaimsNoJob() throws Exception {
    var data = Files.createDirectory(folder.resolve("data"));
    var probe = new ProcessBuilder(mounted(data, "true")).redirectErrorStream(true).start();
    assumeTrue(probe.waitFor() == 0, "a private mount namespace cannot be made here");
    start(data, System.getProperty("java.class.path"), mounted(data));
    server.offer(Jobs.assignment("- run: echo first\n"));
    Jobs.await("the first job is complete", () -> server.completion() != null);
    server.forgetJob();

    var seen = Path.of("/proc", Long.toString(pid()), "root").resolve("." + data);
    for (var kept : List.of("jobs", "spools")) {
      Jobs.await("the first job's " + kept + " are gone", () -> isEmpty(seen.resolve(kept)));
    }
    var files = new ArrayList<Path>();
    try {
      while (files.size() < FILES) {
        files.add(Files.createFile(seen.resolve("taken-" + files.size())));
      }
    } catch (IOException full) {
      // As it should be.
    }
    assertThat(files).hasSizeLessThan(FILES);
    // It may have asked for this one already, which then fails.
    server.offer(Jobs.assignment("- run: echo second\n"));
    Jobs.await("it says why", () -> agentLog().contains("takes no file"));
    server.forgetJob();
    server.offer(Jobs.assignment("- run: echo third\n"));
    for (var file : files) {
      Files.delete(file);
    }
    Jobs.await("the next job is complete", () -> server.completion() != null);
    assertThat(server.log()).contains("Z third\n");
  }

  private static boolean isEmpty(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long pid() {
    return Objects.requireNonNull(agent).pid();
  }

  private String agentLog() {
    try {
      return Files.readString(folder.resolve("agent.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Puts a small disk of its own under the folder, for the program alone.
  private static List<String> mounted(Path folder, String... program) {
    var command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o \"$1\" none \"$2\" && shift 2 && exec \"$@\"",
                "mount",
                DISK,
                folder.toString()));
    command.addAll(List.of(program));
    return command;
  }

  /// What Maven puts into root's home, nobody else can read.
  private String readableClassPath() throws IOException {
    var copies = new ArrayList<String>();
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      var from = Path.of(entry);
      if (Files.exists(from)) {
        var to = folder.resolve("classes-" + copies.size() + "-" + from.getFileName());
        copy(from, to);
        copies.add(to.toString());
      }
    }
    return String.join(File.pathSeparator, copies);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file).toString()));
            return FileVisitResult.CONTINUE;
          }
        });
    try (Stream<Path> all = Files.walk(to)) {
      for (var path : (Iterable<Path>) all::iterator) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }
}
