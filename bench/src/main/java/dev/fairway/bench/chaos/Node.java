package dev.fairway.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A process of the system on its node of the network; the same one is started again after each
/// death.
final class Node implements AutoCloseable {
  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private @Nullable Process process;

  /// @param log where all its lives print
  Node(
      String name,
      Network network,
      List<String> command,
      Map<String, String> environment,
      Path log) {
    this.name = name;
    var whole = new ArrayList<>(network.on(name));
    whole.addAll(command);
    this.command = List.copyOf(whole);
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  String name() {
    return name;
  }

  /// Starts it, unless it runs.
  synchronized void start() {
    if (process != null && process.isAlive()) {
      return;
    }
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log.toFile()));
      builder.environment().keySet().removeIf(variable -> variable.startsWith("FAIRWAY_"));
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// kill -9.
  synchronized void kill() {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /// What it printed so far.
  String printed() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
