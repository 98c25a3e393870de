package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways out through other processes: looking into them, stopping them, talking to them.
final class ProcessBreakOutTest {
  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  @Test
  void aJobSeesOnlyItsOwnProcessesAndLooksIntoNoOther() throws Exception {
    prison.holds(
        "for p in /proc/[0-9]*; do",
        "  id=${p#/proc/}",
        "  [ \"$(stat -c %u $p 2>/dev/null)\" = \"$(id -u)\" ] && continue",
        "  cat $p/environ >/dev/null 2>&1 && [ -s $p/environ ] && echo got in: environ of $id",
        "  ls $p/root/ >/dev/null 2>&1 && echo got in: root of $id",
        "  ls $p/fd/ >/dev/null 2>&1 && echo got in: files of $id",
        "  head -c 1 $p/mem >/dev/null 2>&1 && echo got in: memory of $id",
        "done",
        "[ -e /proc/%d ] && grep -qz java /proc/%1$d/cmdline && echo got in: the agent is there"
            .formatted(ProcessHandle.current().pid()),
        "tr '\\0' '\\n' 2>/dev/null < /proc/1/environ | grep -vE '^(PATH|PWD|FAIRWAY_JOB)=' | sed"
            + " 's/^/got in: /'",
        "echo tried everything");
  }

  @Test
  void aJobStopsAndTracesNothingButItself() throws Exception {
    prison.holds(
        "kill -9 %d 2>/dev/null && echo got in: the agent was there"
            .formatted(ProcessHandle.current().pid()),
        // The kernel lets nobody inside kill the first one; if it did, nothing would be said below.
        "kill -9 1 2>/dev/null",
        "command -v python3 >/dev/null && python3 - <<'END'",
        "import ctypes",
        "libc = ctypes.CDLL(None, use_errno=True)",
        // The first process has the job's user where the agent is not root, and no more rights.
        "for pid in (%s, %d):"
            .formatted(prison.isolation.ownUser() ? "1" : "1 << 22", ProcessHandle.current().pid()),
        "    if libc.ptrace(16, pid, 0, 0) == 0:",
        "        print('got in: traced', pid)",
        "END",
        "echo tried everything");
  }

  @Test
  void whoKillsEverythingKillsHimselfAndTheAgentLives() throws Exception {
    var result = prison.job("- run: kill -9 -1\n- run: echo more\n");

    assertThat(result.outcome()).as(prison.run.log()).isIn(Outcome.ERROR, Outcome.FAILURE);
    assertThat(result.reason()).isNotEmpty();
    prison.nextJobRuns();
  }

  @Test
  void thereIsNoTerminalToTypeInto() throws Exception {
    prison.holds(
        "exec 9<>/dev/tty && echo got in: a terminal",
        "command -v python3 >/dev/null && python3 - <<'END'",
        "import fcntl, termios",
        "for fd in (0, 1, 2):",
        "    try:",
        "        fcntl.ioctl(fd, termios.TIOCSTI, b'x')",
        "        print('got in: typed into', fd)",
        "    except OSError:",
        "        pass",
        "END",
        "echo tried everything");
  }

  @Test
  void noSocketOfTheMachineIsThere() throws Exception {
    var path = folder.resolve("server/socket");
    try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(path));
      prison.holds(
          "for s in %s $(awk 'NR > 1 && $8 ~ /^\\// { print $8 }' /proc/net/unix); do"
              .formatted(path),
          "  [ -S $s ] && case $s in $HOME*|/tmp/*) ;; *) echo got in: $s ;; esac",
          "done",
          "echo tried everything");
    }
  }

  @Test
  void withoutNetworkNoAbstractSocketIsThereEither() throws Exception {
    var result =
        prison.job(
            "- run: tail -n +2 /proc/net/unix | wc -l\n", false, JobAssignment.Limits.DEFAULT);

    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines).contains("0");
  }
}
