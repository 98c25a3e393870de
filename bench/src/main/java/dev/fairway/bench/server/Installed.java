package dev.fairway.bench.server;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `fairway up` as the launcher starts it, in a process of its own.
final class Installed implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration END = Duration.ofSeconds(60);

  private final Process process;
  private final Ground ground;
  private final URI url;

  /// @param more options of `up`
  Installed(Ground ground, Map<String, String> environment, List<String> more)
      throws IOException, InterruptedException {
    this.ground = ground;
    var port = Ground.freePort();
    this.url = URI.create("http://127.0.0.1:" + port);
    var command = new ArrayList<>(List.of(launcher(), "up", "--data", ground.data().toString()));
    command.addAll(List.of("--port", Integer.toString(port)));
    command.addAll(more);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ground.folder().resolve("server.log").toFile());
    builder.environment().putAll(environment);
    this.process = builder.start();
    try {
      awaitReady();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
    ground.remote(url);
  }

  private static String launcher() {
    return Path.of(System.getProperty("fairway.launcher")).toString();
  }

  private void awaitReady() throws IOException, InterruptedException {
    var deadline = System.nanoTime() + START.toNanos();
    while (!ready()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the server did not start: "
                + Files.readString(ground.folder().resolve("server.log")).strip());
      }
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  private boolean ready() {
    try (var wire = new Wire(url, "")) {
      return wire.get("/readyz").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  URI url() {
    return url;
  }

  long pid() {
    return process.pid();
  }

  /// Processor time that the server has taken, in milliseconds.
  double processor() {
    return processor(process.toHandle());
  }

  static double processor(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
  }

  /// Resident memory of the server, in MiB.
  long server() throws IOException {
    return resident(process.pid(), "VmRSS");
  }

  /// The most that the server had.
  long serverPeak() throws IOException {
    return resident(process.pid(), "VmHWM");
  }

  /// Resident memory of a process beside the server.
  long beside(String name) throws IOException {
    return resident(pid(name), "VmRSS");
  }

  long besidePeak(String name) throws IOException {
    return resident(pid(name), "VmHWM");
  }

  /// Of a process beside the server.
  long pid(String name) throws IOException {
    var file = ground.data().resolve("processes").resolve(name + ".pid");
    return Long.parseLong(Files.readString(file).strip());
  }

  private static long resident(long pid, String what) throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(what + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
      }
    }
    throw new IllegalStateException("no " + what + " of " + pid);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      new ProcessBuilder(launcher(), "down", "--data", ground.data().toString())
          .redirectErrorStream(true)
          .redirectOutput(ground.folder().resolve("down.log").toFile())
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
