package dev.fairway.server.delivery.target;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts the processes of instances so that they outlive this server and can be told from all
/// others: each leads a session of its own and carries its instance's mark in its environment.
final class Launcher {
  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
  private static final String MARK = "FAIRWAY_INSTANCE=";
  private static final long PROBE_SECONDS = 5;

  private final Path folder;
  private final ReleaseStore releases;
  private final Processes processes;
  private final List<String> prefix;
  private final Optional<ServiceUser> user;
  private final String confinement;

  Launcher(Path folder, ReleaseStore releases, Processes processes, Optional<ServiceUser> wanted)
      throws IOException {
    this.folder = folder;
    this.releases = releases;
    this.processes = processes;
    createFolder(folder.resolve("work"), "rwxr-xr-x");
    createFolder(folder.resolve("releases"), "rwxr-xr-x");
    createFolder(folder.resolve("logs"), "rwx------");
    var root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    if (!onPath("setsid")) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "the program setsid is missing on this machine",
          "Install util-linux.");
    }
    var privileges = onPath("setpriv");
    this.user = root && privileges ? wanted.filter(this::reaches) : Optional.empty();
    this.prefix = new ArrayList<>(List.of("setsid"));
    if (privileges) {
      prefix.addAll(List.of("setpriv", "--no-new-privs"));
      user.ifPresent(u -> prefix.addAll(switchTo(u)));
    }
    // What follows is a repository's word, and no option of ours.
    prefix.add("--");
    this.confinement =
        user.map(u -> "Runs as user " + u.uid() + " without capabilities.")
            .orElse(
                "Runs as the server's own user"
                    + (root ? ", which is root: no service user can read the data folder." : "."));
  }

  private static void createFolder(Path path, String permissions) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static List<String> switchTo(ServiceUser user) {
    return List.of(
        "--reuid=" + user.uid(),
        "--regid=" + user.gid(),
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all");
  }

  /// Whether that user can get to our folder at all, which it cannot under `/root`.
  private boolean reaches(ServiceUser wanted) {
    var command = new ArrayList<>(List.of("setpriv", "--no-new-privs"));
    command.addAll(switchTo(wanted));
    var releasesFolder = folder.resolve("releases").toString();
    command.addAll(List.of("test", "-x", releasesFolder, "-a", "-r", releasesFolder));
    try {
      var probe =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      return probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && probe.exitValue() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  String confinement() {
    return confinement;
  }

  static String mark(UUID id) {
    return MARK + id;
  }

  /// What all processes of this target carry.
  String targetMark() {
    return targetMark(folder);
  }

  static String targetMark(Path folder) {
    return "FAIRWAY_TARGET=" + folder;
  }

  Path log(UUID id) {
    return folder.resolve("logs").resolve(id + ".log");
  }

  /// Starts the process. It may end at once; that is for the supervisor to see.
  ProcessIdentity start(StartOrder order, int port) throws IOException {
    var release = releases.folder(order.releaseDigest());
    if (!Files.isDirectory(release)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND,
          "release " + order.release() + " of " + order.service() + " is not unpacked here",
          "Unpack it, then start it.");
    }
    var work = workFolder(order.id());
    var command = new ArrayList<>(prefix);
    command.addAll(order.run().command());
    var builder =
        new ProcessBuilder(command)
            .directory(release.toFile())
            .redirectInput(Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log(order.id()).toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment(order, port, work));
    var process = builder.start();
    return processes.identity(process.pid()).orElse(ProcessIdentity.NONE);
  }

  private Map<String, String> environment(StartOrder order, int port, Path work) {
    var variables = new HashMap<String, String>();
    var java = Path.of(System.getProperty("java.home"));
    variables.put("JAVA_HOME", java.toString());
    variables.put(
        "PATH",
        java.resolve("bin")
            + ":"
            + System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin"));
    variables.put("LANG", "C.UTF-8");
    variables.put("HOME", work.toString());
    variables.put("TMPDIR", work.toString());
    variables.putAll(order.run().environment());
    variables.put(order.run().portVariable(), String.valueOf(port));
    variables.put("FAIRWAY_SERVICE", order.service());
    variables.put("FAIRWAY_ENVIRONMENT", order.environment());
    variables.put("FAIRWAY_RELEASE", order.release());
    variables.put("FAIRWAY_INSTANCE", order.id().toString());
    variables.put("FAIRWAY_TARGET", folder.toString());
    return variables;
  }

  private Path workFolder(UUID id) throws IOException {
    var work = Files.createDirectories(folder.resolve("work").resolve(id.toString()));
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx------"));
    if (user.isPresent()) {
      Files.setAttribute(work, "unix:uid", user.get().uid());
      Files.setAttribute(work, "unix:gid", user.get().gid());
    }
    return work;
  }

  /// Keeps a log within its limit: its content moves to `.log.1`. The process appends, so it goes
  /// on at the start of the emptied file; what it prints between copy and cut is lost. On a full
  /// disk only the end is given up: the service must not fill it further.
  void capLog(UUID id) {
    var log = log(id);
    try {
      if (Files.notExists(log) || Files.size(log) <= TargetLimits.LOG_BYTES) {
        return;
      }
      try {
        var before = log.resolveSibling(id + ".log.1");
        Files.copy(log, before, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        try (var channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
          channel.truncate(0);
        }
      }
    } catch (IOException e) {
      LOG.warn("The log {} could not be kept whole", log, e);
    }
  }

  /// The last lines that an instance printed.
  String logTail(UUID id) {
    try (var channel = FileChannel.open(log(id), StandardOpenOption.READ)) {
      var from = Math.max(0, channel.size() - TargetLimits.LOG_TAIL_BYTES);
      var bytes = new byte[(int) (channel.size() - from)];
      var read = channel.read(ByteBuffer.wrap(bytes), from);
      return new String(bytes, 0, Math.max(0, read), StandardCharsets.UTF_8).strip();
    } catch (IOException _) {
      return "";
    }
  }

  /// Forgets what an instance left behind on disk, its log apart.
  void clean(UUID id) throws IOException {
    DurableFiles.delete(folder.resolve("work").resolve(id.toString()));
  }

  /// Deletes logs of instances that are gone and have said nothing for a long time.
  void pruneLogs(Set<UUID> known, Instant oldest) throws IOException {
    try (var logs = Files.newDirectoryStream(folder.resolve("logs"), "*.log*")) {
      for (var log : logs) {
        var name = log.getFileName().toString();
        var ours = known.stream().anyMatch(id -> name.startsWith(id + "."));
        if (!ours && Files.getLastModifiedTime(log).toInstant().isBefore(oldest)) {
          Files.deleteIfExists(log);
        }
      }
    }
  }

  private static boolean onPath(String program) {
    for (var folder : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
