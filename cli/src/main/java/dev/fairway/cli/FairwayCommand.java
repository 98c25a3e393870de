package dev.fairway.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The root of all commands.
@Command(
    name = FairwayCommand.NAME,
    description = "Takes a commit to stable production, keeps it there, and can prove every step.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Exit codes: 0 success, 1 the work failed, 2 bad input, 3 our error.",
      "FAIRWAY_URL and FAIRWAY_TOKEN name the server instead of `fairway login`."
    })
final class FairwayCommand implements Runnable {
  static final String NAME = "fairway";

  /// What makes each command, by its name, in the order of the help.
  static final Map<String, Supplier<Object>> COMMANDS = commands();

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command");
  }

  /// Where the command line of this invocation writes to.
  static CommandLine root(CommandSpec spec) {
    return spec.root().commandLine();
  }

  private static Map<String, Supplier<Object>> commands() {
    var commands = new LinkedHashMap<String, Supplier<Object>>();
    commands.put("run", RunCommand::new);
    commands.put("up", UpCommand::new);
    commands.put("down", DownCommand::new);
    commands.put("demo", DemoCommand::new);
    commands.put("check", CheckCommand::new);
    commands.put("eval", EvalCommand::new);
    commands.put("login", LoginCommand::new);
    commands.put("projects", ProjectsCommand::new);
    commands.put("runs", RunsCommand::new);
    commands.put("tests", TestsCommand::new);
    commands.put("secrets", SecretsCommand::new);
    commands.put("variables", VariablesCommand::new);
    commands.put("token-default", TokenDefaultCommand::new);
    commands.put("actions", ActionsCommand::new);
    commands.put("releases", ReleasesCommand::new);
    commands.put("environments", EnvironmentsCommand::new);
    commands.put("apply", ApplyCommand::new);
    commands.put("deployments", DeploymentsCommand::new);
    commands.put("rollback", RollbackCommand::new);
    commands.put("evidence", EvidenceCommand::new);
    commands.put("metrics", MetricsCommand::new);
    commands.put("warm-up", WarmUpCommand::new);
    return Collections.unmodifiableMap(commands);
  }
}
