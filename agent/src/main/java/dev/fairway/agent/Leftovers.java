package dev.fairway.agent;

import dev.fairway.agent.ControlGroups.JobGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends the processes that a job has left behind. They are known by the job's own user, its control
/// group, or the variable that every process of a job inherits.
final class Leftovers {
  static final String VARIABLE = "FAIRWAY_JOB";

  private static final int ROUNDS = 100;
  private static final int ROUND_MILLIS = 50;

  private Leftovers() {}

  static void kill(String job, UserIds.Lease user, JobGroup group)
      throws IOException, InterruptedException {
    var processes = find(job, user, group);
    for (var round = 0; round < ROUNDS && !processes.isEmpty(); round++) {
      for (var id : processes) {
        var process = ProcessHandle.of(id);
        if (process.isPresent()) {
          process.get().destroyForcibly();
          awaitEnd(process.get());
        }
      }
      processes = find(job, user, group);
    }
    if (!processes.isEmpty()) {
      System.getLogger("agent")
          .log(System.Logger.Level.WARNING, "Processes {0} of job {1} do not die", processes, job);
    }
  }

  private static void awaitEnd(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(ROUND_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.getLogger("agent")
          .log(System.Logger.Level.DEBUG, "Process " + process.pid() + " has not ended yet", e);
    }
  }

  private static Set<Long> find(String job, UserIds.Lease user, JobGroup group) throws IOException {
    var found = new HashSet<>(group.processes());
    var mark = "\0" + VARIABLE + "=" + job + "\0";
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : processes) {
        try {
          if (user.own()
              ? (Integer) Files.getAttribute(process, "unix:uid") == user.id()
              : ("\0" + Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1))
                  .contains(mark)) {
            found.add(Long.parseLong(process.getFileName().toString()));
          }
        } catch (IOException gone) {
          // It has ended meanwhile, or belongs to somebody else.
        }
      }
    }
    found.remove(ProcessHandle.current().pid());
    found.removeIf(Leftovers::hasEnded);
    return found;
  }

  /// A process that has ended and whose parent has not asked for its exit code still has a number.
  private static boolean hasEnded(long process) {
    try {
      var state = Files.readString(Path.of("/proc", Long.toString(process), "stat"));
      return state.startsWith("Z", state.lastIndexOf(')') + 2);
    } catch (IOException gone) {
      return true;
    }
  }
}
