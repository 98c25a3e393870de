package dev.fairway.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// `fairway up` in a JVM of its own, as a person starts it: the same data folder and ports at every
/// start.
final class UpProcess implements AutoCloseable {
  private static final Pattern SETUP =
      Pattern.compile("Make the first administrator at (http\\S+)");

  private static final String CONTAINERS =
      """
      [containers]
      default_ulimits=["nofile=1024:4096","nproc=4096:4096"]
      [engine]
      runtime="runc"
      cgroup_manager="cgroupfs"
      events_logger="file"
      """;

  /// Long enough for a busy machine to keep a job's lease, short enough to wait for its end.
  private static final int LEASE_SECONDS = 8;

  private static final int STOP_SECONDS = 30;

  /// Holds the data folder, what the starts printed, and whatever a test puts beside them.
  private final Path home;

  private final int port;
  private final int proxyPort;
  private Path output;
  private Process process;

  private UpProcess(Path home, int port, int proxyPort) {
    this.home = home;
    this.port = port;
    this.proxyPort = proxyPort;
    this.output = home.resolve("none");
    this.process = launch();
  }

  /// Starts one on a fresh data folder and free ports; when this returns, it is up.
  static UpProcess start() {
    var up = of(freePort(), freePort());
    try {
      up.awaitUp();
    } catch (AssertionError e) {
      up.close();
      throw e;
    }
    return up;
  }

  /// Starts one on a fresh data folder, whatever may become of it.
  static UpProcess of(int port, int proxyPort) {
    try {
      var home = Files.createTempDirectory("fairway-system");
      // The services' user passes through to its releases.
      Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
      Files.writeString(home.resolve("containers.conf"), CONTAINERS);
      return new UpProcess(home, port, proxyPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts another one on the same data folder.
  UpProcess second() {
    return new UpProcess(home, freePort(), freePort());
  }

  static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The command line of a child JVM with our classes, without the arguments of `fairway`.
  private static List<String> java() {
    var root = Path.of("..").toAbsolutePath().normalize();
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UseBASE64Intrinsics",
        "--enable-native-access=ALL-UNNAMED",
        "-Dfairway.home=" + root,
        "-Dfairway.lease.seconds=" + LEASE_SECONDS,
        "-Djava.util.logging.config.file=" + root.resolve("cli/logging.properties"),
        "-cp",
        System.getProperty("java.class.path"),
        Main.class.getName());
  }

  private Process launch() {
    try {
      output = Files.createTempFile(home, "up", ".log");
      var command = new ArrayList<>(java());
      command.addAll(
          List.of(
              "up",
              "--data",
              data().toString(),
              "--port",
              Integer.toString(port),
              "--proxy-port",
              Integer.toString(proxyPort),
              "--slots",
              "2"));
      var builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("FAIRWAY_"));
      containers(builder.environment());
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Lets podman run where there is neither systemd nor a journal.
  void containers(Map<String, String> environment) {
    environment.put("CONTAINERS_CONF", home.resolve("containers.conf").toString());
  }

  void awaitUp() {
    Eventually.holds(
        "Fairway is up",
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("fairway up ended: " + output());
          }
          return output().contains(UpCommand.LAST_LINE);
        });
  }

  /// Ends the server as a power cut would.
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /// Starts it again, as it was.
  void startAgain() {
    begin();
    awaitUp();
  }

  /// Starts it again and does not wait for anything.
  void begin() {
    process = launch();
  }

  /// How a start that fails ended.
  int exit() throws InterruptedException {
    if (!process.waitFor(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("fairway up goes on: " + output());
    }
    return process.exitValue();
  }

  /// What the latest start printed so far.
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  Path data() {
    return home.resolve("data");
  }

  /// A folder of that name for a person's work.
  Path workFolder(String name) {
    return home.resolve("work").resolve(name);
  }

  int proxyPort() {
    return proxyPort;
  }

  URI setupLink() {
    var link = SETUP.matcher(output());
    if (!link.find()) {
      throw new AssertionError("no setup link in: " + output());
    }
    return URI.create(link.group(1));
  }

  /// The process id of the proxy or the agent.
  long companion(String name) {
    return pid(data().resolve("processes").resolve(name + ".pid")).orElseThrow();
  }

  Optional<Long> postgresql() {
    return pid(data().resolve("postgresql/data/postmaster.pid"));
  }

  private static Optional<Long> pid(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().map(String::strip).map(Long::valueOf);
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  static void killProcess(long pid) {
    ProcessHandle.of(pid)
        .ifPresent(handle -> {
          handle.destroyForcibly();
          handle.onExit().join();
        });
  }

  /// The processes that know this data folder: whatever is ours and still runs.
  List<ProcessHandle> leftovers() {
    return ProcessHandle.allProcesses()
        .filter(handle -> handle.isAlive() && commandLine(handle).contains(data().toString()))
        .toList();
  }

  private static String commandLine(ProcessHandle handle) {
    try {
      return Files.readString(Path.of("/proc/" + handle.pid() + "/cmdline"));
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  /// Ends the server as Ctrl-C does; the services and their proxy go on.
  void stop() {
    process.destroy();
    process.onExit().completeOnTimeout(process, STOP_SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
  }

  /// Ends everything, the services included, and removes what it kept.
  @Override
  public void close() {
    stop();
    var down = MainTest.execute("down", "--data", data().toString());
    if (down.exit() != ExitCode.SUCCESS || !leftovers().isEmpty()) {
      System.err.println("Something of " + home + " still runs: " + down + leftovers());
    }
    try (var files = Files.walk(home)) {
      for (var file : files.toList().reversed()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("could not remove " + home + ": " + e);
    }
  }
}
