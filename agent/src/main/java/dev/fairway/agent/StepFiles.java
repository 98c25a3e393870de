package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// The command files of one step, by the names of their variables.
record StepFiles(Map<String, Path> files) {
  private static final String ENV = "GITHUB_ENV";
  private static final String OUTPUT = "GITHUB_OUTPUT";
  private static final String PATH = "GITHUB_PATH";
  private static final String STATE = "GITHUB_STATE";
  private static final String SUMMARY = "GITHUB_STEP_SUMMARY";

  /// @param process a number that no other one of the job has
  static StepFiles create(JobFolder folder, long process) throws IOException {
    var files = new LinkedHashMap<String, Path>();
    for (var name : new String[] {ENV, OUTPUT, PATH, STATE, SUMMARY}) {
      files.put(name, folder.createCommandFile(process + "_" + name.toLowerCase(Locale.ROOT)));
    }
    return new StepFiles(files);
  }

  Map<String, String> variables() {
    var variables = new LinkedHashMap<String, String>();
    files.forEach((name, file) -> variables.put(name, file.toString()));
    return variables;
  }

  /// Takes over what the step has written.
  ///
  /// @param step whose summary it is
  /// @param state takes what the action wants to know again at the job's end
  /// @return the step's outputs
  Map<String, String> read(
      JobScope scope, JobReport report, int step, Consumer<Map<String, String>> state)
      throws IOException {
    var variables = CommandFile.pairs(file(ENV), ENV);
    for (var name : variables.keySet()) {
      checkVariable(name);
    }
    scope.additions().addVariables(variables);
    scope.additions().addPaths(CommandFile.lines(file(PATH), PATH));
    state.accept(CommandFile.pairs(file(STATE), STATE));
    var summary = CommandFile.text(file(SUMMARY), SUMMARY);
    if (!summary.isBlank()) {
      report.summary(step, summary);
    }
    return CommandFile.pairs(file(OUTPUT), OUTPUT);
  }

  /// Whether the step has written nothing, so that the next one may have them: five files are a
  /// good part of what a step costs.
  boolean untouched() throws IOException {
    for (var file : files.values()) {
      if (!CommandFile.isEmpty(file)) {
        return false;
      }
    }
    return true;
  }

  void delete() throws IOException {
    for (var file : files.values()) {
      Files.deleteIfExists(file);
    }
  }

  private Path file(String name) {
    return Objects.requireNonNull(files.get(name));
  }

  /// Later steps trust these.
  private static void checkVariable(String name) {
    var upper = name.toUpperCase(Locale.ROOT);
    if (upper.startsWith("GITHUB_")
        || upper.startsWith("RUNNER_")
        || upper.equals("NODE_OPTIONS")
        || upper.equals(Leftovers.VARIABLE)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "$GITHUB_ENV may not set `" + name + "`", "");
    }
  }
}
