package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// One container that runs in place of a step, to its end, with its output in the job's log.
///
/// @param image that is on this machine
/// @param options of `run`
/// @param environment the container's variables
/// @param arguments what follows the image
record ContainerRun(
    ContainerEngine engine,
    JobScope job,
    String image,
    List<String> options,
    Map<String, String> environment,
    List<String> arguments)
    implements Action {
  private static final Duration END = Duration.ofSeconds(60);
  private static final int READ_BYTES = 64 * 1024;

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    if (stop.reason().isDone()) {
      return new Result.Stopped(stop.reason().resultNow());
    }
    var name = "fairway-" + UUID.randomUUID();
    var file = Files.createTempFile(job.parts().folder().spool(), "env", ".list");
    try {
      var command = new ArrayList<>(List.of("run", "--rm", "--name", name));
      command.addAll(List.of("--label", ContainerEngine.JOB_LABEL + "=" + id()));
      command.addAll(List.of("--label", JobContainers.AGENT_LABEL + "=" + job.settings().jobs()));
      command.addAll(ContainerOptions.limits(job.parts().assignment().limits()));
      command.addAll(options);
      command.addAll(variables(environment, file));
      command.add(image);
      command.addAll(arguments);
      var process = engine.process(command).start();
      var output = new CompletableFuture<Integer>();
      Thread.ofVirtual().name("container-" + name).start(() -> read(process, output));
      try {
        await(output, stop);
        if (!output.isDone()) {
          var reason = stop.reason().resultNow();
          var grace = reason == Stop.Reason.ABANDONED ? "0" : "10";
          var _ = engine.run(END, List.of("stop", "-t", grace, name));
          return new Result.Stopped(reason);
        }
        return new Result.Exited(output.resultNow());
      } finally {
        process.destroy();
        if (!output.isDone()) {
          var _ = engine.run(END, List.of("rm", "-f", name));
        }
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private String id() {
    return job.parts().assignment().lease();
  }

  /// The options that pass these variables on: by a file that no job can read, and those that have
  /// several lines, which such a file cannot hold, by the command itself.
  static List<String> variables(Map<String, String> environment, Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    var lines = new ArrayList<String>();
    var options = new ArrayList<>(List.of("--env-file", file.toString()));
    environment.forEach((name, value) -> {
      if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
        options.addAll(List.of("--env", name + "=" + value));
      } else if (name.matches("[A-Za-z_][^=\\s]*")) {
        lines.add(name + "=" + value);
      }
    });
    Files.write(file, lines);
    return options;
  }

  private static void await(CompletableFuture<?> output, Stop stop) throws InterruptedException {
    try {
      CompletableFuture.anyOf(output, stop.reason()).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a container's output never fails", e);
    }
  }

  private void read(Process process, CompletableFuture<Integer> output) {
    var lines = new OutputLines(UUID.randomUUID().toString(), new ToLog(job.output()));
    try (var in = process.getInputStream()) {
      var buffer = new byte[READ_BYTES];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        lines.accept(buffer, count, job.output().lookAhead());
        if (in.available() == 0) {
          job.output().idle();
        }
      }
      lines.close();
      output.complete(process.waitFor());
    } catch (IOException | RuntimeException e) {
      System.getLogger("agent").log(System.Logger.Level.DEBUG, "A container's output ended", e);
      output.complete(-1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      output.complete(-1);
    }
  }

  private record ToLog(JobOutput output) implements OutputLines.Receiver {
    @Override
    public void line(byte[] line, int length, long total) {
      output.line(line, length, total);
    }

    @Override
    public void ended(long id, int code) {
      throw new IllegalStateException("no supervisor writes here");
    }
  }
}
