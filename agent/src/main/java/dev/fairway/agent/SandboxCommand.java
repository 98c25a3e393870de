package dev.fairway.agent;

import dev.fairway.agent.ControlGroups.JobGroup;
import dev.fairway.api.JobAssignment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What becomes a job's sandbox: enter the control groups, set the sandbox up, give up all rights,
/// become the [Supervisor].
record SandboxCommand(
    String job,
    JobFolder folder,
    Isolation isolation,
    boolean network,
    JobAssignment.Limits limits,
    JobGroup group) {
  private static final Path RESOLVER = Path.of("/etc/resolv.conf");
  private static final Path RUN = Path.of("/run");

  /// The shared memory that comes with `/dev` only root may write.
  static final List<String> DEVICES =
      List.of("--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--proc", "/proc");

  /// Of all processes of a machine without memory the kernel ends a job's first, not the agent.
  static final int OOM_SCORE = 1_000;

  /// The variables of all processes of a job.
  private Map<String, String> environment() {
    return Map.of("PATH", JobEnvironment.SYSTEM_PATH, Leftovers.VARIABLE, job);
  }

  /// The script of a shell that becomes the sandbox, for [ForkServer#start].
  String script(String nonce) throws IOException {
    var script = new StringBuilder("echo " + OOM_SCORE + " >/proc/self/oom_score_adj\n");
    for (var entrance : group.entrances()) {
      // Zero is whoever writes it.
      script.append("echo 0 >").append(LaunchScript.quote(entrance.toString())).append('\n');
    }
    var command = new ArrayList<String>();
    if (isolation.bubblewrap()) {
      script.append("exec 9<" + ForkServer.FILTER + "\n");
      command.addAll(List.of("bwrap", "--seccomp", "9"));
      command.addAll(Isolation.namespaces(isolation.ownUser(), network));
      mounts(command);
      command.add("--");
    }
    if (folder.user().own()) {
      command.addAll(Isolation.dropTo(folder.user().id()));
    }
    var counted = folder.user().own() && isolation.groups().missing().contains("processes");
    command.addAll(
        Supervisor.onTheMachine(
            nonce,
            folder.control(),
            counted ? OptionalInt.of(limits.processes()) : OptionalInt.empty()));
    return script + new LaunchScript(environment(), folder.root()).become(command);
  }

  /// In order: what is mounted later hides what was mounted before.
  private void mounts(List<String> command) throws IOException {
    add(command, "--ro-bind", Path.of("/"), Path.of("/"));
    command.addAll(DEVICES);
    add(command, "--bind", folder.tmp(), Path.of("/tmp"));
    if (Files.isDirectory(Path.of("/var/tmp"))) {
      add(command, "--bind", folder.tmp(), Path.of("/var/tmp"));
    }
    command.addAll(List.of("--tmpfs", RUN.toString()));
    var resolver = Files.exists(RESOLVER) ? RESOLVER.toRealPath() : RESOLVER;
    if (resolver.startsWith(RUN)) {
      add(command, "--ro-bind", resolver, resolver);
    }
    for (var hidden : isolation.hidden()) {
      if (Files.isDirectory(hidden)) {
        command.addAll(List.of("--tmpfs", hidden.toString()));
      } else {
        directory(command, hidden.getParent());
        add(command, "--ro-bind", Path.of("/dev/null"), hidden);
      }
    }
    var callersHome = isolation.caller().flatMap(OwnMachine::home);
    callersHome.ifPresent(home -> {
      directory(command, home.getParent());
      add(command, "--bind", folder.home(), home);
    });
    var java = Path.of(System.getProperty("java.home")).toRealPath();
    if (Stream.concat(isolation.hidden().stream(), callersHome.stream())
        .anyMatch(java::startsWith)) {
      directory(command, java.getParent());
      add(command, "--ro-bind", java, java);
    }
    for (var mount : isolation.caller().map(OwnMachine::mounts).orElse(List.of())) {
      callersHome.ifPresent(home -> writable(command, home, mount.path()));
      directory(command, mount.path().getParent());
      add(command, mount.writable() ? "--bind" : "--ro-bind", mount.path(), mount.path());
    }
    directory(command, folder.root());
    // Whoever has the agent's user could put something else in the place of one of the folders.
    for (var writable :
        folder.user().own()
            ? List.of(folder.root())
            : List.of(folder.commands(), folder.work(), folder.temp(), folder.home())) {
      add(command, "--bind", writable, writable);
    }
    add(command, "--ro-bind", folder.control(), folder.control());
    if (isolation.caller().isEmpty() || isolation.ownUser()) {
      users(command);
    }
  }

  /// The machine's users and groups behind the job's own, so that programs find its name and home:
  /// what comes first counts.
  ///
  /// The own ones are there by their number as well. `setpriv` takes that for a name at first, and
  /// would ask every source of users for it that the machine has.
  private void users(List<String> command) throws IOException {
    var id = folder.user().id();
    var home = isolation.caller().flatMap(OwnMachine::home).orElse(folder.home());
    var user = ":x:" + id + ":" + id + ":Fairway job:" + home + ":/bin/sh\n";
    first(command, "job" + user + id + user, Path.of("/etc/passwd"));
    var group = ":x:" + id + ":\n";
    first(command, "job" + group + id + group, Path.of("/etc/group"));
  }

  private void first(List<String> command, String lines, Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    var own = folder.control().resolve(file.getFileName().toString());
    var all = new ByteArrayOutputStream();
    all.writeBytes(lines.getBytes(StandardCharsets.UTF_8));
    all.writeBytes(Files.readAllBytes(file));
    Files.write(own, all.toByteArray());
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rw-r--r--"));
    add(command, "--ro-bind", own, file);
  }

  /// A mount point's folder that bubblewrap makes by itself only root may enter.
  private static void directory(List<String> command, @Nullable Path path) {
    if (path != null) {
      command.addAll(List.of("--dir", path.toString()));
    }
  }

  /// Tools that are shown in a folder of the home often write beside themselves there, into
  /// `~/.cargo` for one. Nobody else gets into the home.
  private static void writable(List<String> command, Path home, Path shown) {
    if (shown.startsWith(home)) {
      for (var count = home.getNameCount() + 1; count < shown.getNameCount(); count++) {
        command.addAll(List.of("--perms", "0777"));
        directory(command, home.resolve(shown.subpath(home.getNameCount(), count)));
      }
    }
  }

  private static void add(List<String> command, String option, Path from, Path to) {
    command.addAll(List.of(option, from.toString(), to.toString()));
  }
}
