package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process beside the server that outlives it: the proxy, the agent.
///
/// It is started in a session of its own, so that a Ctrl-C at the server's terminal does not reach
/// it. It writes its process id itself, before it does anything else, so that no instant exists at
/// which it runs and the next server does not know it.
final class Companion implements AutoCloseable {
  /// What the server alone may know: a companion's environment is within reach of more.
  private static final List<String> SERVER_ONLY =
      List.of("FAIRWAY_SECRET_KEY", "FAIRWAY_DATABASE_URL");

  private static final Logger LOG = LoggerFactory.getLogger(Companion.class);

  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration READY_WAIT = Duration.ofSeconds(30);
  private static final Duration STOP_WAIT = Duration.ofSeconds(10);

  private final String name;
  private final Path pidFile;
  private final Path log;
  private final List<String> command;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param folder where the process id and the output are kept
  Companion(String name, Path folder, List<String> command) {
    this.name = name;
    this.pidFile = folder.resolve(name + ".pid");
    this.log = folder.resolve(name + ".log");
    this.command = List.copyOf(command);
  }

  /// Adopts the process if it runs, starts it otherwise, and starts it again whenever it dies.
  void keep() {
    ensureRunning();
    Thread.ofVirtual().name(name + "-watch").start(this::watch);
  }

  /// Waits until the process is ready; fails with its last words where it ends instead.
  <T> T await(Supplier<Optional<T>> readiness) {
    var deadline = System.nanoTime() + READY_WAIT.toNanos();
    while (System.nanoTime() < deadline && !failed()) {
      var ready = readiness.get();
      if (ready.isPresent()) {
        return ready.get();
      }
      pause();
    }
    throw new FairwayException(
        ErrorCode.CONFLICT,
        "The " + name + " did not start: " + lastWords(),
        "If its port is taken, choose another one with --" + name + "-port.");
  }

  private void pause() {
    try {
      closed.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }

  private boolean failed() {
    return process().isEmpty() && !lastWords().isEmpty();
  }

  private String lastWords() {
    try (var lines = Files.lines(log)) {
      return lines.reduce("", (_, line) -> line);
    } catch (IOException e) {
      return "";
    }
  }

  /// The running process, if there is one.
  Optional<ProcessHandle> process() {
    return running(pidFile, name);
  }

  /// Ends the process and waits for it.
  void stop() {
    close();
    stop(pidFile, name);
  }

  /// Stops watching; the process runs on.
  @Override
  public void close() {
    closed.countDown();
  }

  /// Ends the process that an earlier server left running in that folder; false if there is none.
  static boolean stop(String name, Path folder) {
    return stop(folder.resolve(name + ".pid"), name);
  }

  private static boolean stop(Path pidFile, String name) {
    var process = running(pidFile, name);
    process.ifPresent(handle -> {
      handle.destroy();
      handle.onExit().completeOnTimeout(handle, STOP_WAIT.toSeconds(), TimeUnit.SECONDS).join();
      if (handle.isAlive()) {
        LOG.warn("{} did not end within {} s; killing it", name, STOP_WAIT.toSeconds());
        handle.destroyForcibly();
      }
    });
    return process.isPresent();
  }

  private void watch() {
    try {
      while (!closed.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        ensureRunning();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ensureRunning() {
    if (process().isPresent()) {
      return;
    }
    try {
      Files.deleteIfExists(pidFile);
      var shell =
          new ArrayList<>(
              List.of("setsid", "sh", "-c", "echo $$ > \"$0\"; exec \"$@\"", pidFile.toString()));
      shell.addAll(command);
      var builder =
          new ProcessBuilder(shell)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
      SERVER_ONLY.forEach(builder.environment()::remove);
      builder.start();
      awaitPid();
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "The " + name + " could not be started: " + e.getMessage(),
          "Look at " + log + ".",
          e);
    }
  }

  /// The shell writes the id within milliseconds; without it a second one might be started.
  private void awaitPid() {
    var deadline = System.nanoTime() + STOP_WAIT.toNanos();
    while (process().isEmpty() && System.nanoTime() < deadline) {
      pause();
    }
  }

  /// The process whose id is in the file, unless that id has gone to another process since, which
  /// may be one of another installation: ours names the folder that the file's folder is in.
  private static Optional<ProcessHandle> running(Path pidFile, String name) {
    try {
      var pid = Long.parseLong(Files.readString(pidFile).strip());
      var command = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8);
      var installation = pidFile.resolve("../..").normalize().toString();
      return command.contains(installation) && command.contains(name)
          ? ProcessHandle.of(pid)
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
