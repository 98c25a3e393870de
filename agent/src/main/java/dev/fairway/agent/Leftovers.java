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

  private static final int ROUNDS = 20;
  private static final int DEATH_SECONDS = 2;

  private Leftovers() {}

  static void kill(String job, UserIds.Lease user, JobGroup group)
      throws IOException, InterruptedException {
    for (var round = 0; round < ROUNDS; round++) {
      var processes = find(job, user, group);
      if (processes.isEmpty()) {
        return;
      }
      for (var id : processes) {
        var process = ProcessHandle.of(id);
        if (process.isPresent()) {
          process.get().destroyForcibly();
          awaitEnd(process.get());
        }
      }
    }
  }

  private static void awaitEnd(ProcessHandle process) throws InterruptedException {
    try {
      process.onExit().get(DEATH_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.getLogger("agent")
          .log(System.Logger.Level.WARNING, "Process " + process.pid() + " does not die", e);
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
          continue; // It has ended meanwhile, or belongs to somebody else.
        }
      }
    }
    found.remove(ProcessHandle.current().pid());
    return found;
  }
}
