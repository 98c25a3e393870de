package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What starts programs is the same in Bash and in another shell.
final class ForkServerTest {
  private final List<Path> deleted = new ArrayList<>();

  @TempDir Path folder;

  private ForkServer server(String shell) {
    return new ForkServer(
        folder,
        path -> {
          deleted.add(path);
          try {
            JobFolder.deleteTree(path);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        shell);
  }

  private static String all(ForkServer.Started started) throws IOException {
    try (var output = started.output()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// What it says to the end of its input.
  private static String answer(ForkServer.Started started) throws IOException {
    try (var output = started.output()) {
      started.input().close();
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String parent(ForkServer server) throws IOException {
    return all(server.start("exec cut -d' ' -f4 /proc/self/stat\n")).strip();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aProgramHasItsOwnInputOutputAndVariables(String shell) throws Exception {
    try (var server = server(shell)) {
      var first = server.start("one=1; export one; exec sh -c 'cat; env | sort >&2'\n");
      var second = server.start("exec cat\n");
      first.input().write("to the first\n".getBytes(StandardCharsets.UTF_8));
      second.input().write("to the second\n".getBytes(StandardCharsets.UTF_8));

      assertThat(answer(first).lines().filter(line -> !line.matches("(OLDPWD|PWD|SHLVL|_)=.*")))
          .containsExactly("to the first", "PATH=" + JobEnvironment.SYSTEM_PATH, "one=1");
      assertThat(answer(second)).isEqualTo("to the second\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void itStartsMoreAtOnceThanItHasMadePipesFor(String shell) throws Exception {
    try (var server = server(shell)) {
      var started = new ArrayList<ForkServer.Started>();
      for (var number = 0; number < 30; number++) {
        started.add(server.start("exec sh -c 'read word; echo " + number + " $word'\n"));
      }
      for (var program : started) {
        program.input().write("heard\n".getBytes(StandardCharsets.UTF_8));
      }

      var heard = new ArrayList<String>();
      for (var program : started) {
        heard.add(all(program).strip());
      }
      assertThat(heard)
          .isEqualTo(IntStream.range(0, 30).mapToObj(number -> number + " heard").toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void whatHasEndedIsForgotten(String shell) throws Exception {
    try (var server = server(shell)) {
      for (var number = 0; number < 20; number++) {
        all(server.start("exit 3\n"));
      }

      var children = ProcessHandle.of(Long.parseLong(parent(server))).orElseThrow().children();
      assertThat(children.count()).isLessThan(10);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aProgramHearsOfTheEndOfAnAgentThatWasKilledBeforeItBegan(String shell) throws Exception {
    var marker = folder.resolve("ended");
    try (var server = server(shell)) {
      var started = server.start("cat\necho said\ntrap '' PIPE\n: >'" + marker + "'\n");
      started.input().close();
      started.kill();

      Jobs.await("the program has ended", () -> Files.exists(marker));
    }
  }

  @Test
  void anotherShellTakesThePlaceOfOneThatWasKilled() throws Exception {
    try (var server = server("bash")) {
      var killed = ProcessHandle.of(Long.parseLong(parent(server))).orElseThrow();
      killed.destroyForcibly();
      Jobs.await("the shell is gone", () -> !killed.isAlive());

      assertThat(all(server.start("exec echo again\n"))).isEqualTo("again\n");
      assertThat(deleted).hasSize(1);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aProgramThatIsKilledIsGone() throws Exception {
    try (var server = server("bash")) {
      var started = server.start("echo $$\nexec sleep 1000\n");
      var output = started.output();
      assertThat(output.read()).isPositive();

      started.kill();

      assertThat(output.readAllBytes()).isNotEmpty();
    }
  }

  /// Bash takes its time before it gives up.
  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void whereNoProcessCanBeStartedItSaysSoAndLosesNone(String shell) throws Exception {
    var groups = ControlGroups.probe();
    assumeTrue(!groups.missing().contains("processes"), "no pids control group is writable");
    var name = "fork-server-" + System.nanoTime();
    var group = groups.create(name, 1L << 30, 2);
    try (var server = server(shell)) {
      var parent = parent(server);
      for (var entrance : group.entrances()) {
        Files.writeString(entrance, parent);
      }
      var running = server.start("echo begun\nexec cat\n");
      var output = running.output();
      assertThat(output.read()).isEqualTo('b');

      assertThatThrownBy(() -> server.start("exec echo never\n").output())
          .isInstanceOf(ForkServer.NotStarted.class)
          .hasMessageContaining("too many");

      running.input().write("still here\n".getBytes(StandardCharsets.UTF_8));
      running.input().close();
      assertThat(new String(output.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("egun\nstill here\n");
      var _ = groups.create(name, 1L << 30, 100);
      assertThat(parent(server)).isEqualTo(parent);
    } finally {
      group.remove();
    }
  }

  @Test
  void withoutPipesItSaysWhyAndTriesAgain() throws Exception {
    try (var server = server("bash")) {
      all(server.start("exit\n"));
      try (var folders = Files.list(folder)) {
        Files.createFile(folders.findFirst().orElseThrow().resolve("10.in"));
      }
      for (var number = 1; number < 8; number++) {
        all(server.start("exit\n"));
      }

      assertThatThrownBy(() -> server.start("exit\n"))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("No pipes can be made", "10.in", "File exists");
      assertThat(all(server.start("exec echo again\n"))).isEqualTo("again\n");
    }
  }
}
