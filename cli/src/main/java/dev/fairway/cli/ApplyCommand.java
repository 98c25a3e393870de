package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Makes the server's resources what a file says.
@Command(
    name = "apply",
    description = "Create or change environments as a YAML file says.",
    mixinStandardHelpOptions = true)
final class ApplyCommand extends RemoteCommand {
  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "One or more documents, each with its kind.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Override
  int ask(ApiClient api) {
    var answer =
        api.put(
            "/api/v1/apply?file=" + ApiClient.segment(file.toString()),
            "application/yaml",
            read(file));
    return list(answer, answer.path("applied"), List.of("kind", "name", "result"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          file + " cannot be read: " + e.getMessage(),
          "Name a YAML file with -f.",
          e);
    }
  }
}
