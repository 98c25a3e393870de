package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The control groups that bound a job's memory and processes, as far as this machine offers them:
/// version 2, or the `memory` and `pids` hierarchies of version 1.
///
/// @param folders where a job's group can be made: one for version 2, up to two for version 1
/// @param unified whether it is version 2
/// @param missing what cannot be bounded, for people; empty if nothing
record ControlGroups(List<Path> folders, boolean unified, List<String> missing) {
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");
  private static final String GROUP = "fairway";

  ControlGroups {
    folders = List.copyOf(folders);
    missing = List.copyOf(missing);
  }

  static ControlGroups none() {
    return new ControlGroups(List.of(), true, List.of("memory", "processes"));
  }

  /// Looks at what can be written, by writing.
  static ControlGroups probe() {
    return probe(MOUNT);
  }

  static ControlGroups probe(Path mount) {
    return Files.exists(mount.resolve("cgroup.controllers"))
        ? probeUnified(mount)
        : probeSeparate(mount);
  }

  private static ControlGroups probeUnified(Path mount) {
    var group = mount.resolve(GROUP);
    try {
      Files.createDirectories(group);
      Files.writeString(group.resolve("cgroup.subtree_control"), "+memory +pids");
      return new ControlGroups(List.of(group), true, List.of());
    } catch (IOException e) {
      return none();
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
        Files.writeString(group.resolve("memory.max"), Long.toString(memoryBytes));
        Files.writeString(group.resolve("pids.max"), Integer.toString(processes));
        writeWhereThereIs(group.resolve("memory.swap.max"), 0);
      } else if (Files.exists(group.resolve("pids.max"))) {
        Files.writeString(group.resolve("pids.max"), Integer.toString(processes));
      } else {
        Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(memoryBytes));
        writeWhereThereIs(group.resolve("memory.memsw.limit_in_bytes"), memoryBytes);
      }
    }
    return new JobGroup(groups);
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

    JobGroup {
      groups = List.copyOf(groups);
    }

    List<Path> entrances() {
      return groups.stream().map(group -> group.resolve("cgroup.procs")).toList();
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

    /// Removes the groups where they are empty; one that still has a dying process stays until the
    /// agent starts again.
    void remove() {
      for (var group : groups) {
        try {
          Files.deleteIfExists(group);
        } catch (IOException e) {
          System.getLogger("agent").log(System.Logger.Level.DEBUG, "Left " + group, e);
        }
      }
    }
  }
}
