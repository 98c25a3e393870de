package dev.fairway.agent;

import dev.fairway.agent.ControlGroups.JobGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

  private static final String USER = "\nUid:\t";
  private static final int ROUNDS = 100;
  private static final int ROUND_MILLIS = 50;

  private Leftovers() {}

  static void kill(String job, UserIds.Lease user, JobGroup group)
      throws IOException, InterruptedException {
    group.kill();
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
      user.haunted();
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

  /// Who has processes on the machine.
  static Set<Integer> users() throws IOException {
    var users = new HashSet<Integer>();
    var _ =
        running(process -> {
          users.add(user(process));
          return false;
        });
    return users;
  }

  private static Set<Long> find(String job, UserIds.Lease user, JobGroup group) throws IOException {
    var mark = "\0" + VARIABLE + "=" + job + "\0";
    var found =
        running(
            user.own()
                ? process -> user(process) == user.id()
                : process ->
                    ("\0"
                            + Files.readString(
                                process.resolve("environ"), StandardCharsets.ISO_8859_1))
                        .contains(mark));
    found.addAll(group.processes());
    found.remove(ProcessHandle.current().pid());
    found.removeIf(Leftovers::hasEnded);
    return found;
  }

  private interface Sign {
    boolean isOn(Path process) throws IOException;
  }

  private static Set<Long> running(Sign sign) throws IOException {
    var found = new HashSet<Long>();
    try (var entries = Files.newDirectoryStream(Path.of("/proc"))) {
      for (var process : entries) {
        if (!Character.isDigit(process.getFileName().toString().charAt(0))) {
          continue;
        }
        try {
          if (sign.isOn(process)) {
            found.add(Long.parseLong(process.getFileName().toString()));
          }
        } catch (IOException gone) {
          // It has ended meanwhile, or belongs to somebody else.
        }
      }
    }
    found.removeIf(Leftovers::hasEnded);
    return found;
  }

  /// The owner of its folder in `/proc` would be root for a process that does not want to be looked
  /// into, such as one whose program nobody may read.
  private static int user(Path process) throws IOException {
    var status = Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1);
    var at = status.indexOf(USER);
    if (at < 0) {
      throw new NoSuchFileException(process.toString(), null, "It has no user any more");
    }
    var from = at + USER.length();
    return Integer.parseInt(status, from, status.indexOf('\t', from), 10);
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
