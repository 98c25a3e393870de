package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways from one job to another that runs on the agent at the same time, through what a kernel
/// keeps beside files and processes.
final class NeighboursBreakOutTest {
  /// Everything by which a process can be found: it is planted by one job and looked for by the
  /// next.
  private static final String MEANS =
      """
      import ctypes, os, socket, sys
      libc = ctypes.CDLL(None, use_errno=True)
      libc.syscall.restype = ctypes.c_long
      libc.shmat.restype = ctypes.c_void_p
      KEY, SESSION, USER, USER_SESSION = 0x4641, -3, -4, -5
      ADD_KEY, KEYCTL = (217, 219) if os.uname().machine == "aarch64" else (248, 250)
      FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev")
      """;

  private static final String PLANT =
      MEANS
          + """
          for folder in FOLDERS:
              try:
                  open(folder + "/mark", "w").write("here")
              except OSError:
                  pass
          print("shm", libc.shmget(KEY, 4096, 0o1666) >= 0)
          print("queue", libc.msgget(KEY, 0o1666) >= 0)
          print("semaphore", libc.semget(KEY, 1, 0o1666) >= 0)
          for ring in (SESSION, USER, USER_SESSION):
              print("key", libc.syscall(ADD_KEY, b"user", b"fairway-mark", b"here", 4, ring) >= 0)
          unix = socket.socket(socket.AF_UNIX)
          unix.bind("\\0fairway-mark")
          unix.listen()
          tcp = socket.socket()
          tcp.bind(("127.0.0.1", 46417))
          tcp.listen()
          print("planted", flush=True)
          sys.stdin.read()
          while True:
              tcp.accept()
          """;

  private static final String LOOK =
      MEANS
          + """
          for folder in FOLDERS:
              if os.path.exists(folder + "/mark"):
                  print("got in:", folder)
          for name in ("shmget", "semget"):
              if getattr(libc, name)(KEY, 0, 0) >= 0:
                  print("got in:", name)
          if libc.msgget(KEY, 0) >= 0:
              print("got in: msgget")
          for ring in (SESSION, USER, USER_SESSION):
              if libc.syscall(KEYCTL, 10, ring, b"user", b"fairway-mark", 0) >= 0:
                  print("got in: keys of ring", ring)
          for family, address in ((socket.AF_UNIX, "\\0fairway-mark"), (socket.AF_INET, ("127.0.0.1", 46417))):
              try:
                  socket.socket(family).connect(address)
                  print("got in:", address)
              except OSError:
                  pass
          print("tried everything")
          """;

  @TempDir Path folder;
  private Prison prison;

  @BeforeEach
  void build() throws Exception {
    prison = new Prison(folder);
  }

  private static String step(String script) {
    return "- shell: python3 {0}\n  run: |\n" + script.indent(4);
  }

  @Test
  void twoJobsAtOnceShareNothingThatTheKernelKeeps() throws Exception {
    var first = new Jobs.Run(folder);
    var planting =
        CompletableFuture.supplyAsync(() -> {
          try {
            return first.start(
                Jobs.assignment(step(PLANT), Map.of(), false, JobAssignment.Limits.DEFAULT),
                folder,
                prison.isolation,
                new CheckoutSource.Folder(folder));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Jobs.await("the first job has planted", () -> first.log().endsWith("\nplanted"));

    var result = prison.job(step(LOOK), false, JobAssignment.Limits.DEFAULT);
    first.cancellation.cancel();

    assertThat(planting.get().outcome()).as(first.log()).isEqualTo(Outcome.CANCELLED);
    assertThat(first.lines).contains("shm True", "queue True", "semaphore True");
    // Of these nobody has more than one: who starts the agent gives its own to all of its jobs.
    assertThat(first.lines).contains("key False").doesNotContain("key True");
    assertThat(result.outcome()).as(prison.run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(prison.run.lines)
        .contains("tried everything")
        .noneMatch(line -> line.startsWith("got in"));
  }
}
