package dev.fairway.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The root of all commands.
@Command(
    name = "fairway",
    description = "Takes a commit to stable production, keeps it there, and can prove every step.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Exit codes: 0 success, 1 the work failed, 2 bad input, 3 our error.",
      "FAIRWAY_URL and FAIRWAY_TOKEN name the server instead of `fairway login`."
    },
    subcommands = {
      RunCommand.class,
      UpCommand.class,
      DownCommand.class,
      DemoCommand.class,
      CheckCommand.class,
      EvalCommand.class,
      LoginCommand.class,
      ProjectsCommand.class,
      RunsCommand.class,
      ReleasesCommand.class,
      EnvironmentsCommand.class,
      ApplyCommand.class,
      DeploymentsCommand.class,
      RollbackCommand.class,
      EvidenceCommand.class,
      MetricsCommand.class,
      WarmUpCommand.class
    })
final class FairwayCommand implements Runnable {
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
}
