package dev.fairway.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The `fairway` command.
///
/// Exit codes: 0 success, 1 the work failed, 2 bad input, 3 our error.
public final class Main {
  private Main() {}

  public static void main(String... arguments) {
    if (List.of(arguments).equals(List.of("--version"))) {
      // What scripts and launchers ask most needs none of the command line's machinery.
      System.out.println(Version.line());
      return;
    }
    if (arguments.length > 0 && arguments[0].equals("run")) {
      RunCommand.prepare();
    }
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return commandLine(arguments).execute(arguments);
  }

  /// The command line for these arguments. Reading what a command takes costs more than most
  /// commands do, so where the first argument names one, only that one is read.
  static CommandLine commandLine(String... arguments) {
    var commands = FairwayCommand.COMMANDS;
    var named = arguments.length > 0 ? commands.get(arguments[0]) : null;
    CommandLine line;
    if (named != null) {
      line = new CommandLine(CommandSpec.create().name(FairwayCommand.NAME));
      line.addSubcommand(arguments[0], named.get());
    } else {
      line = new CommandLine(new FairwayCommand());
      for (var each : commands.entrySet()) {
        line.addSubcommand(each.getKey(), each.getValue().get());
      }
    }
    tellVersion(line);
    return line.setExecutionExceptionHandler(new Failures())
        .setParameterExceptionHandler(new Misuse())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setUsageHelpLongOptionsMaxWidth(32);
  }

  private static void tellVersion(CommandLine line) {
    line.getCommandSpec().versionProvider(new Version());
    line.getSubcommands().values().forEach(Main::tellVersion);
  }
}
