package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that give a local run its values: secrets, variables, inputs, the environment. What
/// stands on the command line wins over what a file says.
final class RunValues {
  @Option(
      names = {"-s", "--secret"},
      paramLabel = "SECRET=VALUE",
      description = "A secret; SECRET alone takes its value from the variable of that name.")
  private List<String> secrets = new ArrayList<>();

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "Secrets, as lines NAME=VALUE or a JSON object.")
  private @Nullable Path secretFile;

  @Option(
      names = "--var",
      paramLabel = "NAME=VALUE",
      description = "A variable of the context `vars`.")
  private List<String> variables = new ArrayList<>();

  @Option(
      names = "--var-file",
      paramLabel = "FILE",
      description = "Such variables, as lines NAME=VALUE or a JSON object.")
  private @Nullable Path variableFile;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "A variable of the environment of each job; NAME alone passes on yours.")
  private List<String> environment = new ArrayList<>();

  @Option(
      names = "--env-file",
      paramLabel = "FILE",
      description = "Such variables, as lines NAME=VALUE or a JSON object.")
  private @Nullable Path environmentFile;

  @Option(
      names = {"-i", "--input"},
      paramLabel = "INPUT=VALUE",
      description = "An input of a workflow that is started by hand.")
  private Map<String, String> inputs = new LinkedHashMap<>();

  @Option(
      names = "--matrix",
      paramLabel = "KEY:VALUE",
      description = "Only combinations of a matrix that have this value; repeatable.")
  private List<String> matrix = new ArrayList<>();

  Map<String, String> secrets() {
    return values("secret", secretFile, secrets);
  }

  Map<String, String> variables() {
    return values("variable", variableFile, variables);
  }

  Map<String, String> environment() {
    return values("variable", environmentFile, environment);
  }

  Map<String, String> inputs() {
    return inputs;
  }

  Map<String, String> matrix() {
    var wanted = new LinkedHashMap<String, String>();
    for (var one : matrix) {
      var colon = one.indexOf(':');
      if (colon < 1) {
        throw new FairwayException(
            ErrorCode.INVALID_INPUT, "--matrix takes KEY:VALUE, not " + one, "");
      }
      wanted.put(one.substring(0, colon), one.substring(colon + 1));
    }
    return wanted;
  }

  private static Map<String, String> values(String what, @Nullable Path file, List<String> given) {
    var values = new LinkedHashMap<String, String>();
    if (file != null) {
      values.putAll(KeyValues.read(file));
    }
    for (var one : given) {
      var equals = one.indexOf('=');
      var name = equals < 0 ? one : one.substring(0, equals);
      var value = equals < 0 ? System.getenv(one) : one.substring(equals + 1);
      if (value == null) {
        throw new FairwayException(
            ErrorCode.INVALID_INPUT,
            "The " + what + " " + name + " has no value",
            "Write " + name + "=VALUE, or set the variable " + name + ".");
      }
      values.put(name, value);
    }
    return values;
  }
}
