package dev.fairway.server.delivery.target;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/// The processes of this machine as `/proc` shows them.
final class Processes {
  /// What `/proc/PID/stat` says; a zombie has ended, so it is never shown.
  private record Stat(long pid, long session, long startTicks) {}

  private static final Path PROC = Path.of("/proc");
  private static final int STATE = 0;
  private static final int SESSION = 3;
  private static final int START_TICKS = 19;

  private final String bootId;

  Processes() throws IOException {
    this.bootId = Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
  }

  /// The identity of a running process, empty if there is none of that pid.
  Optional<ProcessIdentity> identity(long pid) {
    return stat(pid).map(stat -> new ProcessIdentity(pid, stat.startTicks(), bootId));
  }

  boolean isAlive(ProcessIdentity process) {
    return identity(process.pid()).filter(process::equals).isPresent();
  }

  /// The processes that belong to an instance: the session of its leader, as long as the leader is
  /// surely ours, and whatever carries its mark.
  List<ProcessIdentity> members(Optional<ProcessIdentity> leader, String mark) {
    var session = leader.filter(this::isAlive).map(ProcessIdentity::pid).orElse(-1L);
    var members = new ArrayList<ProcessIdentity>();
    all()
        .mapToObj(this::stat)
        .flatMap(Optional::stream)
        .filter(stat -> stat.session() == session || isMarked(stat.pid(), mark))
        .forEach(stat -> members.add(new ProcessIdentity(stat.pid(), stat.startTicks(), bootId)));
    return members;
  }

  /// The marked process that leads its session: the one that was started as the instance.
  Optional<ProcessIdentity> leader(String mark) {
    return all()
        .mapToObj(this::stat)
        .flatMap(Optional::stream)
        .filter(stat -> stat.session() == stat.pid() && isMarked(stat.pid(), mark))
        .findFirst()
        .map(stat -> new ProcessIdentity(stat.pid(), stat.startTicks(), bootId));
  }

  /// The processes that carry `mark` and none of `known`: nobody answers for them.
  List<ProcessIdentity> markedWithout(String mark, Set<String> known) {
    return all()
        .filter(pid -> isMarked(pid, mark) && Collections.disjoint(environment(pid), known))
        .mapToObj(this::identity)
        .flatMap(Optional::stream)
        .toList();
  }

  /// Ends processes: SIGTERM, and SIGKILL for what is still there after the grace.
  ///
  /// @param who lists them; asked again before the SIGKILL, because a process may have started
  ///   others while it was told to end
  void end(Supplier<List<ProcessIdentity>> who, Duration grace) throws InterruptedException {
    var told = who.get();
    if (!grace.isZero()) {
      told.forEach(process -> handle(process).ifPresent(ProcessHandle::destroy));
      awaitEnd(told, grace);
    }
    var left = new ArrayList<>(who.get());
    told.stream().filter(p -> isAlive(p) && !left.contains(p)).forEach(left::add);
    left.forEach(process -> handle(process).ifPresent(ProcessHandle::destroyForcibly));
    awaitEnd(left, TargetLimits.KILL_GRACE);
  }

  /// The handle of exactly that process: a pid that came again has another start time.
  private Optional<ProcessHandle> handle(ProcessIdentity process) {
    return ProcessHandle.of(process.pid()).filter(_ -> isAlive(process));
  }

  private void awaitEnd(List<ProcessIdentity> ending, Duration limit) throws InterruptedException {
    var end = System.nanoTime() + limit.toNanos();
    for (var process : ending) {
      var exit = handle(process).map(ProcessHandle::onExit);
      if (exit.isPresent()) {
        try {
          exit.get().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException _) {
          // Still there: the caller looks again and uses more force.
        }
      }
    }
  }

  private static boolean isMarked(long pid, String mark) {
    return environment(pid).contains(mark);
  }

  private static List<String> environment(long pid) {
    try {
      var bytes = Files.readAllBytes(PROC.resolve(pid + "/environ"));
      return List.of(new String(bytes, ISO_8859_1).split("\0", -1));
    } catch (IOException _) {
      // Gone meanwhile, or another user's.
      return List.of();
    }
  }

  private static LongStream all() {
    return ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid);
  }

  private Optional<Stat> stat(long pid) {
    try {
      var text = Files.readString(PROC.resolve(pid + "/stat"), ISO_8859_1);
      // The name in parentheses may hold anything, so fields count from the last one.
      var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      return fields[STATE].equals("Z") || fields[STATE].equals("X")
          ? Optional.empty()
          : Optional.of(
              new Stat(pid, Long.parseLong(fields[SESSION]), Long.parseLong(fields[START_TICKS])));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
