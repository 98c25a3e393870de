package dev.fairway.agent;

import dev.fairway.api.ResourceUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The control groups that bound a job's memory and processes and count what it uses, as far as
/// this machine offers them: version 2, or the `memory`, `pids` and `cpuacct` hierarchies of
/// version 1.
///
/// @param folders where a job's group can be made: one for version 2, up to three for version 1
/// @param unified whether it is version 2
/// @param missing what cannot be bounded, for people; empty if nothing
record ControlGroups(List<Path> folders, boolean unified, List<String> missing) {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final Path OWN = Path.of("/proc/self/cgroup");
  private static final String UNIFIED = "0::/";
  private static final String GROUP = "fairway";
  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String CHILDREN = "cgroup.subtree_control";
  private static final String PROCESSES = "cgroup.procs";

  /// What is bounded, by its controller, in the words that people read.
  private static final Map<String, String> LIMITS = Map.of("memory", "memory", "pids", "processes");

  ControlGroups {
    folders = List.copyOf(folders);
    missing = List.copyOf(missing);
  }

  static ControlGroups none() {
    return new ControlGroups(List.of(), true, List.of("memory", "processes"));
  }

  /// Looks at what can be written, by writing.
  static ControlGroups probe() {
    return probe(MOUNT, own(OWN));
  }

  /// @param own the group of this process in version 2, relative to the mount
  static ControlGroups probe(Path mount, Path own) {
    if (!Files.exists(mount.resolve(CONTROLLERS))) {
      return probeSeparate(mount);
    }
    // As root of the machine beside all others; else, in a container or as a service, below the
    // group that this process was given.
    for (var parent : new LinkedHashSet<>(List.of(mount, mount.resolve(own).normalize()))) {
      var found = probeUnified(parent, parent.equals(mount.resolve(own).normalize()));
      if (found.isPresent()) {
        return found.get();
      }
    }
    return none();
  }

  private static Path own(Path file) {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(UNIFIED))
          .map(line -> Path.of(line.substring(UNIFIED.length())))
          .findFirst()
          .orElse(Path.of(""));
    } catch (IOException | UncheckedIOException e) {
      return Path.of("");
    }
  }

  private static Optional<ControlGroups> probeUnified(Path parent, boolean own) {
    var group = parent.resolve(GROUP);
    try {
      Files.createDirectories(group);
      if (!Files.isWritable(group) || !Files.isWritable(group.resolve(CHILDREN))) {
        return Optional.empty();
      }
      if (available(group).isEmpty() && !passOn(parent) && own) {
        // No group but the machine's root has both processes and groups with limits.
        step(parent);
        var _ = passOn(parent);
      }
      var available = available(group);
      if (available.isEmpty() || !passOn(group)) {
        return Optional.empty();
      }
      var missing = new ArrayList<String>();
      LIMITS.forEach((controller, what) -> {
        if (!available.contains(controller)) {
          missing.add(what);
        }
      });
      return Optional.of(new ControlGroups(List.of(group), true, missing));
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "No groups below " + parent, e);
      return Optional.empty();
    }
  }

  /// Which limits the groups below the parent of that group can have.
  private static List<String> available(Path group) throws IOException {
    var controllers = List.of(Files.readString(group.resolve(CONTROLLERS)).strip().split(" ", -1));
    return LIMITS.keySet().stream().filter(controllers::contains).sorted().toList();
  }

  /// Lets the groups below that one have limits. With the processor's time among them a job with a
  /// thousand threads gets as much of it as one with a single thread.
  ///
  /// @return whether they can now
  private static boolean passOn(Path group) {
    try {
      var controllers =
          List.of(Files.readString(group.resolve(CONTROLLERS)).strip().split(" ", -1));
      var wanted =
          Stream.of("memory", "pids", "cpu")
              .filter(controllers::contains)
              .map(controller -> "+" + controller)
              .toList();
      Files.writeString(group.resolve(CHILDREN), String.join(" ", wanted));
      return !wanted.isEmpty();
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "No limits below " + group, e);
      return false;
    }
  }

  /// Moves this process, and those that share its group, into a group of their own below it.
  private static void step(Path group) throws IOException {
    var agent = Files.createDirectories(group.resolve(GROUP + "-agent"));
    for (var id : Files.readAllLines(group.resolve(PROCESSES))) {
      try {
        Files.writeString(agent.resolve(PROCESSES), id);
      } catch (IOException e) {
        System.getLogger("agent").log(System.Logger.Level.DEBUG, "Process " + id + " stays", e);
      }
    }
  }

  private static ControlGroups probeSeparate(Path mount) {
    var folders = new ArrayList<Path>();
    var missing = new ArrayList<String>();
    var limits = Map.of("memory", "memory.limit_in_bytes", "pids", "pids.max");
    for (var controller : List.of("memory", "pids")) {
      var group = mount.resolve(controller).resolve(GROUP);
      try {
        Files.createDirectories(group);
        if (!Files.isWritable(group.resolve(limits.getOrDefault(controller, "")))) {
          throw new IOException(group + " has no limit to write");
        }
        folders.add(group);
      } catch (IOException e) {
        missing.add(controller.equals("pids") ? "processes" : controller);
      }
    }
    try {
      // It bounds nothing: without it nobody knows what a job used, and no more.
      var group = Files.createDirectories(mount.resolve("cpuacct").resolve(GROUP));
      if (!Files.isWritable(group)) {
        throw new IOException(group + " is somebody else's");
      }
      folders.add(group);
    } catch (IOException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "Processor time is not counted", e);
    }
    return new ControlGroups(folders, false, missing);
  }

  /// Makes the group of a job. Its processes enter by writing their id to each of
  /// [JobGroup#entrances].
  JobGroup create(String job, long memoryBytes, int processes) throws IOException {
    var groups = new ArrayList<Path>();
    for (var folder : folders) {
      var group = Files.createDirectories(folder.resolve(job));
      groups.add(group);
      if (unified) {
        if (!missing.contains("memory")) {
          Files.writeString(group.resolve("memory.max"), Long.toString(memoryBytes));
          writeWhereThereIs(group.resolve("memory.swap.max"), 0);
        }
        if (!missing.contains("processes")) {
          Files.writeString(group.resolve("pids.max"), Integer.toString(processes));
        }
      } else if (Files.exists(group.resolve("pids.max"))) {
        Files.writeString(group.resolve("pids.max"), Integer.toString(processes));
      } else if (Files.exists(folder.resolve("memory.limit_in_bytes"))) {
        Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(memoryBytes));
        writeWhereThereIs(group.resolve("memory.memsw.limit_in_bytes"), memoryBytes);
      }
    }
    return new JobGroup(groups);
  }

  /// What there is of the groups of a job that an agent has left behind.
  JobGroup left(String job) {
    return new JobGroup(
        folders.stream().map(folder -> folder.resolve(job)).filter(Files::isDirectory).toList());
  }

  /// A job that may swap is not bounded by its memory; kernels without swap accounting lack the
  /// file.
  private static void writeWhereThereIs(Path limit, long value) throws IOException {
    if (Files.exists(limit)) {
      Files.writeString(limit, Long.toString(value));
    }
  }

  /// The groups of one job.
  record JobGroup(List<Path> groups) {
    private static final String KILLS = "oom_kill ";
    private static final int ROUNDS = 500;
    private static final Duration ROUND = Duration.ofMillis(2);
    private static final long NANOS_OF_A_MILLI = 1_000_000;

    JobGroup {
      groups = List.copyOf(groups);
    }

    List<Path> entrances() {
      return groups.stream().map(group -> group.resolve(PROCESSES)).toList();
    }

    /// Ends all processes of version 2's group at once, however fast they make new ones.
    void kill() throws IOException {
      for (var group : groups) {
        var kill = group.resolve("cgroup.kill");
        if (Files.exists(kill)) {
          Files.writeString(kill, "1");
        }
      }
    }

    /// The ids of the processes that are in the job's groups.
    List<Long> processes() throws IOException {
      var ids = new ArrayList<Long>();
      for (var entrance : entrances()) {
        if (Files.exists(entrance)) {
          Files.readAllLines(entrance).forEach(id -> ids.add(Long.parseLong(id.strip())));
        }
      }
      return ids;
    }

    /// How many of the job's processes the kernel has ended because its memory was used up.
    long memoryKills() throws IOException {
      for (var group : groups) {
        for (var file : List.of("memory.events", "memory.oom_control")) {
          if (Files.exists(group.resolve(file))) {
            return Files.readAllLines(group.resolve(file)).stream()
                .filter(line -> line.startsWith(KILLS))
                .mapToLong(line -> Long.parseLong(line.substring(KILLS.length()).strip()))
                .sum();
          }
        }
      }
      return 0;
    }

    /// What the processes have used so far.
    ResourceUse use() throws IOException {
      @Nullable Long memory = null;
      @Nullable Long cpu = null;
      for (var group : groups) {
        memory = first(memory, number(group.resolve("memory.peak")));
        memory = first(memory, number(group.resolve("memory.max_usage_in_bytes")));
        cpu = first(cpu, divided(number(group.resolve("cpuacct.usage")), NANOS_OF_A_MILLI));
        cpu = first(cpu, divided(entry(group.resolve("cpu.stat"), "usage_usec "), 1_000));
      }
      return new ResourceUse(memory, cpu);
    }

    private static @Nullable Long first(@Nullable Long known, @Nullable Long other) {
      return known == null ? other : known;
    }

    private static @Nullable Long divided(@Nullable Long number, long by) {
      return number == null ? null : number / by;
    }

    private static @Nullable Long number(Path file) throws IOException {
      return Files.exists(file) ? Long.valueOf(Files.readString(file).strip()) : null;
    }

    private static @Nullable Long entry(Path file, String name) throws IOException {
      return Files.exists(file)
          ? Files.readAllLines(file).stream()
              .filter(line -> line.startsWith(name))
              .findFirst()
              .map(line -> Long.valueOf(line.substring(name.length()).strip()))
              .orElse(null)
          : null;
    }

    /// Removes the groups. The last process has ended, and the kernel may still be busy with it. A
    /// group that stays is removed by an agent that starts and finds the job's folder.
    void remove() {
      for (var group : groups) {
        for (var round = 1; round <= ROUNDS && !removed(group, round); round++) {
          LockSupport.parkNanos(ROUND.toNanos());
        }
      }
    }

    private static boolean removed(Path group, int round) {
      try {
        Files.deleteIfExists(group);
        return true;
      } catch (IOException e) {
        var level = round == ROUNDS ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG;
        System.getLogger("agent").log(level, "The control group " + group + " stays", e);
        return false;
      }
    }
  }
}
