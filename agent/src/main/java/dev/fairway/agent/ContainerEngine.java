package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// podman or docker on this machine. The agent alone speaks to it; a job never sees its socket.
///
/// @param program in full
/// @param environment what its client finds, and nothing else: no variable of a job may change what
///   a program of the agent does
record ContainerEngine(Path program, Map<String, String> environment) {
  /// What the labels of the agent begin with.
  static final String LABELS = "dev.fairway.";

  /// The label of everything that belongs to a job.
  static final String JOB_LABEL = LABELS + "job";

  private static final int MAX_SAID = 1_000;

  ContainerEngine {
    environment = Map.copyOf(environment);
  }

  boolean podman() {
    return program.endsWith("podman");
  }

  /// The command that removes containers with their volumes at once; podman would ask each to end
  /// first.
  List<String> removal(List<String> names) {
    var command = new ArrayList<>(List.of("rm", "-f", "-v"));
    if (podman()) {
      command.addAll(List.of("-t", "0"));
    }
    command.addAll(names);
    return command;
  }

  /// What a command said, both streams together.
  record Said(int code, String text) {
    boolean good() {
      return code == 0;
    }

    String shortened() {
      var line = text.strip().replace('\n', ' ');
      return line.length() > MAX_SAID ? line.substring(0, MAX_SAID) + "…" : line;
    }
  }

  /// The process of a command, not started.
  ProcessBuilder process(List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.addAll(arguments);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  /// Runs a command to its end, which comes at the latest after `time`.
  Said run(Duration time, List<String> arguments) throws IOException, InterruptedException {
    var output = Files.createTempFile("fairway-containers-", ".txt");
    try {
      var process = process(arguments).redirectOutput(output.toFile()).start();
      try {
        if (!process.waitFor(time.toSeconds(), TimeUnit.SECONDS)) {
          return new Said(-1, "it took longer than " + time.toSeconds() + " s");
        }
      } finally {
        process.destroyForcibly();
      }
      return new Said(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.deleteIfExists(output);
    }
  }

  /// Runs a command that has to succeed.
  ///
  /// @param what for people, such as `The image alpine:3 cannot be fetched`
  String must(String what, Duration time, List<String> arguments)
      throws IOException, InterruptedException {
    var said = run(time, arguments);
    if (!said.good()) {
      throw new FairwayException(ErrorCode.UNPROCESSABLE, what + ": " + said.shortened(), "");
    }
    return said.text().strip();
  }
}
