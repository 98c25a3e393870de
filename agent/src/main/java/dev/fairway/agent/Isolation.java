package dev.fairway.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How this machine keeps jobs apart, found out once by trying it.
///
/// With bubblewrap a job sees the machine's files read-only, its own folders writable, nothing of
/// `hidden`, and its own processes; it has no capabilities, and its own user where the agent is
/// root.
///
/// @param bubblewrap whether it works here
/// @param reason why it does not, empty if it does
/// @param ownUser whether each job gets a user id of its own
/// @param groups the bounds for memory and processes
/// @param hidden files and folders that no job may see
/// @param caller whose machine this is, if jobs run for one person only
public record Isolation(
    boolean bubblewrap,
    String reason,
    boolean ownUser,
    ControlGroups groups,
    List<Path> hidden,
    Optional<OwnMachine> caller) {
  private static final int PROBE_SECONDS = 5;
  private static final int MAX_REASON_CHARS = 160;

  public Isolation {
    hidden = List.copyOf(hidden);
  }

  /// No isolation: a job is processes of the caller, with his rights.
  public static Isolation none() {
    return none("a run on your own machine has your rights");
  }

  private static Isolation none(String reason) {
    return new Isolation(false, reason, false, ControlGroups.none(), List.of(), Optional.empty());
  }

  /// Tries bubblewrap for jobs of the caller on his own machine. Where it does not work they are
  /// processes with his rights. Root's jobs get users of their own as an agent's do; memory and
  /// processes are not bounded.
  public static Isolation onOwnMachine(OwnMachine machine)
      throws IOException, InterruptedException {
    var root = UserIds.current() == 0;
    var failure = failure(root);
    return failure.isEmpty()
        ? new Isolation(true, "", root, ControlGroups.none(), List.of(), Optional.of(machine))
        : none(failure);
  }

  /// Tries bubblewrap and the control groups.
  ///
  /// @param hidden the agent's data folder, its token file and whatever else is not for jobs
  public static Isolation probe(List<Path> hidden) throws IOException, InterruptedException {
    var root = UserIds.current() == 0;
    return with(failure(root), root, ControlGroups.probe(), hidden);
  }

  /// The same, with one more folder of which a job sees nothing but what is its own.
  public Isolation hiding(Path folder) {
    var more = new ArrayList<>(hidden);
    more.add(folder);
    return new Isolation(bubblewrap, reason, ownUser, groups, more, caller);
  }

  /// The same, with one more file or folder of the caller that jobs may read.
  public Isolation showing(Path path) {
    return caller
        .map(machine -> {
          var mounts = new ArrayList<>(machine.mounts());
          mounts.add(new OwnMachine.Mount(path, false));
          return new Isolation(
              bubblewrap,
              reason,
              ownUser,
              groups,
              hidden,
              Optional.of(new OwnMachine(machine.home(), mounts)));
        })
        .orElse(this);
  }

  /// Whether jobs see that file of the machine.
  boolean shows(Path path) {
    return !bubblewrap
        || hidden.stream().noneMatch(path::startsWith)
            && caller.map(machine -> machine.shows(path)).orElse(true);
  }

  /// Why bubblewrap does not work here, empty if it does.
  private static String failure(boolean root) throws InterruptedException {
    var command = new ArrayList<String>();
    command.addAll(List.of("bwrap", "--seccomp", "0"));
    command.addAll(namespaces(root, true));
    command.addAll(List.of("--ro-bind", "/", "/"));
    command.addAll(SandboxCommand.DEVICES);
    command.add("--");
    if (root) {
      command.addAll(dropTo(UserIds.FIRST));
    }
    command.add("true");
    return failure(command);
  }

  /// The note about a machine where bubblewrap fails with `reason`, or works if that is empty.
  static Isolation with(String reason, boolean root, ControlGroups groups, List<Path> hidden)
      throws IOException {
    var paths = new ArrayList<Path>();
    for (var path : hidden) {
      if (Files.exists(path) && path.toRealPath().getNameCount() > 0) {
        paths.add(path.toRealPath());
      }
    }
    // What is mounted on a folder hides mounts inside it, so the outer ones come first.
    paths.sort(Comparator.comparingInt(Path::getNameCount));
    return new Isolation(reason.isEmpty(), reason, root, groups, paths, Optional.empty());
  }

  /// The same for jobs in this folder: outside of bubblewrap a user of its own may be unable to get
  /// there, below a home folder for one, and then a job runs as the agent's user.
  Isolation reaching(Path jobs) throws IOException {
    if (bubblewrap || !ownUser) {
      return this;
    }
    for (@Nullable Path path = jobs.toRealPath(); path != null; path = path.getParent()) {
      if (!Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return new Isolation(false, reason, false, groups, hidden, caller);
      }
    }
    return this;
  }

  /// How jobs are isolated, and what is missing here, for the run page and the log.
  public String note(boolean network, long memoryBytes, int processes) {
    var note = new StringBuilder();
    if (bubblewrap) {
      note.append("bubblewrap, ").append(ownUser ? "own user" : whose());
      note.append(", no capabilities, network ").append(network ? "on" : "off");
    } else {
      note.append("no sandbox (").append(reason).append("), ");
      note.append(ownUser ? "own user" : "the agent's user").append(", network on");
    }
    if (!groups.missing().contains("memory")) {
      note.append(", memory up to ").append(memoryBytes >> 20).append(" MiB");
    }
    if (!groups.missing().contains("processes")) {
      note.append(", up to ").append(processes).append(" processes");
    }
    if (!groups.missing().isEmpty()) {
      note.append("; not bounded here: ").append(String.join(" and ", groups.missing()));
    }
    return note.toString();
  }

  private String whose() {
    return caller.isPresent() ? "your user" : "the agent's user";
  }

  static List<String> namespaces(boolean root, boolean network) {
    var options = new ArrayList<String>();
    if (!root) {
      options.add("--unshare-user");
    }
    options.addAll(
        List.of("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"));
    if (!network) {
      options.add("--unshare-net");
    }
    options.addAll(List.of("--hostname", "fairway", "--die-with-parent", "--new-session"));
    return options;
  }

  /// Root sets the sandbox up and then gives up everything: user, groups and every capability.
  static List<String> dropTo(int user) {
    return List.of(
        "setpriv",
        "--reuid=" + user,
        "--regid=" + user,
        "--clear-groups",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--bounding-set=-all",
        "--no-new-privs",
        "--");
  }

  /// What follows it in the note must not be cut off.
  private static String firstLine(String said) {
    var line = said.strip().lines().findFirst().orElse("it says nothing");
    return line.length() > MAX_REASON_CHARS ? line.substring(0, MAX_REASON_CHARS) + "…" : line;
  }

  /// @param command finds the filter of system calls where its input is
  private static String failure(List<String> command) throws InterruptedException {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var input = process.getOutputStream()) {
        input.write(SystemCalls.withoutKeys());
      } catch (IOException e) {
        // It has ended before it read that, and what it says counts.
      }
      if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "bubblewrap does not answer";
      }
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? "" : "bubblewrap does not work here: " + firstLine(said);
    } catch (IOException e) {
      return "bubblewrap is not installed";
    }
  }
}
