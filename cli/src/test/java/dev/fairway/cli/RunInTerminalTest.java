package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the command as a process of its own in a pseudo-terminal, which Python makes.
final class RunInTerminalTest {
  /// Starts the command in a terminal of 20 rows and 60 columns, types Ctrl-C for each time that a
  /// text was given and is read, and prints all that came.
  private static final String TERMINAL =
      """
      import fcntl, os, pty, signal, struct, sys, termios
      awaited, command = sys.argv[1].split(','), sys.argv[2:]
      signal.alarm(120)
      pid, fd = pty.fork()
      if pid == 0:
          # Whoever started the tests in the background let them ignore what a terminal sends.
          signal.signal(signal.SIGINT, signal.SIG_DFL)
          fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 20, 60, 0, 0))
          os.execvp(command[0], command)
      said = b''
      while True:
          try:
              more = os.read(fd, 65536)
          except OSError:
              break
          if not more:
              break
          said += more
          if awaited[0] and awaited[0].encode() in said:
              os.write(fd, b'\\x03')
              awaited = awaited[1:] or ['']
      sys.stdout.buffer.write(said)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """;

  private static final String FAILS =
      """
      on: push
      jobs:
        good:
          runs-on: linux
          steps: [{name: A step with a name that is much longer than the terminal is wide, run: 'true'}]
        bad:
          needs: good
          runs-on: linux
          steps: [{name: Go wrong, run: 'printf "going \\033[31mwrong\\033[2J\\n"; exit 3'}]
      """;

  /// Its first step says that it is ready, beside a name that does not.
  private static final String LONG =
      """
      on: push
      jobs:
        long:
          runs-on: linux
          steps:
            - name: Wait
              run: trap '' TERM; echo ready; while :; do sleep 0.1; done
            - name: Clean
              if: always()
              run: echo cleaned
      """;

  @TempDir Path folder;

  @BeforeEach
  void needsPython() throws Exception {
    try {
      var python = new ProcessBuilder("python3", "-c", "import pty").start();
      assumeTrue(python.waitFor() == 0, "python3 has no pty here");
    } catch (IOException e) {
      assumeTrue(false, "python3 is not installed");
    }
  }

  private record Said(int exit, String text) {
    List<String> lines() {
      return text.replace("\r", "").lines().toList();
    }
  }

  private Said run(String workflow, String awaited, Map<String, String> environment)
      throws Exception {
    Files.writeString(folder.resolve("w.yml"), workflow);
    var command =
        new ArrayList<>(
            List.of(
                "python3",
                "-c",
                TERMINAL,
                awaited,
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.fairway.cli.Main",
                "run",
                "-W",
                "w.yml"));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("LC_") || name.equals("NO_COLOR"));
    builder.environment().put("TERM", "xterm");
    builder.environment().put("LANG", "C.UTF-8");
    builder.environment().putAll(environment);
    var process = builder.start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), text);
  }

  @Test
  void drawsATreeThatEndsWithTheFailureAndASummary() throws Exception {
    var said = run(FAILS, "", Map.of());

    assertThat(said.exit()).as(said.text()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(said.text())
        .contains("\u001b[32m✓\u001b[0m \u001b[1mgood\u001b[0m")
        .contains("    going \u001b[31mwrong\u001b[0m\r\n")
        .contains("Process completed with exit code 3.")
        .contains("failure: w.yml in ")
        .doesNotContain("\u001b[2J");
    assertThat(said.lines())
        .filteredOn(line -> line.contains("A step with a name"))
        .allSatisfy(line ->
            assertThat(Columns.width(line.replaceAll("\u001b\\[[?0-9]*[AJlh]", "")))
                .isLessThan(60));
  }

  @Test
  void usesNoColoursWhereTheUserWantsNone() throws Exception {
    var said = run(FAILS, "", Map.of("NO_COLOR", "1"));

    assertThat(said.text()).contains("✓ good").doesNotContainPattern("\u001b\\[[0-9;]*m");
  }

  @Test
  void printsLinesInATerminalThatCannotDraw() throws Exception {
    var said = run(FAILS, "", Map.of("TERM", "dumb"));

    assertThat(said.text()).contains("[bad] going wrong").doesNotContain("\u001b");
  }

  @Test
  void controlCCancelsTheRunWhichCleansUp() throws Exception {
    var said = run(LONG.replace("trap '' TERM; ", ""), "ready", Map.of());

    assertThat(said.exit()).as(said.text()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(said.text())
        .contains("Cancelling; Ctrl-C again ends everything at once.")
        .contains("cancelled: w.yml in ")
        .contains("\u001b[?25h");
  }

  @Test
  void controlCOnceMoreEndsWhatDoesNotListen() throws Exception {
    var begun = System.nanoTime();
    var said = run(LONG, "ready,Cancelling", Map.of());

    assertThat(said.text()).contains("cancelled: w.yml in ").doesNotContain("Clean");
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun))
        .as("a step that ignores SIGTERM has 10 seconds to change its mind")
        .isLessThan(10);
  }
}
