package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bash does by itself what another shell needs programs for; to a step they are the same.
final class SupervisorTest {
  private static final String NONCE = "nonce";

  @TempDir Path control;
  private @Nullable Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /// @param shell `bash` or `sh`
  private BufferedReader start(String shell, String limit) throws IOException {
    var command = Supervisor.command(shell, NONCE, control, "setsid env --default-signal", limit);
    var started = new ProcessBuilder(command).redirectErrorStream(true).start();
    process = started;
    return started.inputReader(StandardCharsets.UTF_8);
  }

  private void tell(String words) throws IOException {
    var writer = process().outputWriter(StandardCharsets.UTF_8);
    writer.write(words + "\n");
    writer.flush();
  }

  private Process process() {
    if (process == null) {
      throw new IllegalStateException("nothing was started");
    }
    return process;
  }

  private void launch(int id, String script, Map<String, String> environment) throws IOException {
    launch("run", id, script, environment);
  }

  private void launch(String verb, int id, String script, Map<String, String> environment)
      throws IOException {
    var file = Files.writeString(control.resolve(id + ".sh"), script);
    Files.writeString(
        control.resolve(id + ".launch"),
        new LaunchScript(environment, control).become(List.of("/bin/sh", "-e", file.toString())));
    tell(verb + " " + id);
  }

  /// What is written up to and with this line.
  private static List<String> until(BufferedReader output, String last) throws IOException {
    var lines = new ArrayList<String>();
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      if (!line.isEmpty()) {
        lines.add(line);
      }
      if (line.equals(last)) {
        return lines;
      }
    }
    throw new AssertionError("`" + last + "` did not come, but " + lines);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aStepTellsItsExitCodeBehindAllItWrote(String shell) throws Exception {
    var output = start(shell, "");

    launch(1, "echo out; echo err >&2; printf half; exit 7\n", Map.of());
    var first = until(output, NONCE + " 1 7");
    launch(2, "exit 0\n", Map.of());

    assertThat(first).containsExactly("out", "err", "half", NONCE + " 1 7");
    assertThat(until(output, NONCE + " 2 0")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void variablesThatMeanSomethingToTheShellReachTheStep(String shell) throws Exception {
    var environment =
        Map.of(
            "UID", "7",
            "EUID", "8",
            "PPID", "9",
            "RANDOM", "ten",
            "IFS", "s",
            "SHELLOPTS", "posix",
            "BASH_ENV", "/nowhere/else",
            "a-b", "odd",
            "PATH", "/usr/bin:/bin");
    Files.writeString(
        control.resolve("1.launch"),
        new LaunchScript(environment, control).become(List.of("/usr/bin/env")));
    var output = start(shell, "");

    tell("run 1");

    var lines = until(output, NONCE + " 1 0");
    environment.forEach((name, value) -> assertThat(lines).contains(name + "=" + value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aStepHearsEachSignal(String shell) throws Exception {
    var output = start(shell, "");

    for (var signal :
        List.of(Map.entry("INT", 130), Map.entry("HUP", 129), Map.entry("QUIT", 131))) {
      launch(signal.getValue(), "kill -s " + signal.getKey() + " $$; echo deaf\n", Map.of());
      assertThat(until(output, "%s %d %d".formatted(NONCE, signal.getValue(), signal.getValue())))
          .doesNotContain("deaf");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aStepThatIsAskedToEndSaysHowItTookIt(String shell) throws Exception {
    var output = start(shell, "");
    launch(
        1, "trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.01; done\n", Map.of());
    until(output, "ready");

    tell("terminate 1");

    assertThat(until(output, NONCE + " 1 5")).contains("asked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void aStepThatIsKilledLosesAllItsProcesses(String shell) throws Exception {
    var output = start(shell, "");
    launch(1, "trap '' TERM; sleep 1000 & echo $!; wait\n", Map.of());
    var child = Long.parseLong(output.readLine());

    tell("kill 1");

    until(output, NONCE + " 1 137");
    ProcessHandle.of(child).ifPresent(left -> left.onExit().join());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void whatTheLastStepLeftEndsWithTheSupervisor(String shell) throws Exception {
    var output = start(shell, "");
    launch(1, "exit 0\n", Map.of());
    until(output, NONCE + " 1 0");
    launch(2, "sleep 1000 >/dev/null 2>&1 & echo $!\n", Map.of());
    var child = Long.parseLong(until(output, NONCE + " 2 0").getFirst());
    assertThat(ProcessHandle.of(child)).isPresent();

    process().getOutputStream().close();

    assertThat(output.lines()).containsExactly("", NONCE + " 0 0");
    assertThat(process().waitFor()).isZero();
    ProcessHandle.of(child).ifPresent(left -> left.onExit().join());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void stepsBesideEachOtherHaveOutputsOfTheirOwn(String shell) throws Exception {
    var output = start(shell, "");
    var pipes = new ArrayList<Path>();
    for (var id = 1; id <= 2; id++) {
      var pipe = control.resolve(id + ".out");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      pipes.add(pipe);
    }
    launch("beside", 1, "trap 'echo asked; exit 5' TERM; while :; do sleep 0.01; done\n", Map.of());
    try (var one = Files.newBufferedReader(pipes.getFirst())) {
      launch("beside", 2, "echo two; exec sleep 1000\n", Map.of());
      try (var two = Files.newBufferedReader(pipes.getLast())) {
        until(two, "two");
        launch(3, "echo three; exit 3\n", Map.of());

        assertThat(until(output, NONCE + " 3 3")).containsExactly("three", NONCE + " 3 3");
        tell("kill 2");
        assertThat(until(output, NONCE + " 2 137")).hasSize(1);
        assertThat(two.readLine()).isNull();
        tell("terminate 1");
        assertThat(until(one, NONCE + " 1 5")).contains("asked");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "sh"})
  void theNumberOfProcessesIsBoundedWhereThatIsAsked(String shell) throws Exception {
    var output = start(shell, "4321");

    launch(1, "grep 'Max processes' /proc/self/limits\n", Map.of("PATH", "/usr/bin:/bin"));

    assertThat(until(output, NONCE + " 1 0").getFirst()).containsPattern("processes +4321 +4321");
  }
}
