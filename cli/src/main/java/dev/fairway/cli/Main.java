package dev.fairway.cli;

import picocli.CommandLine;

/// The `fairway` command.
///
/// Exit codes: 0 success, 1 the work failed, 2 bad input, 3 our error.
public final class Main {
  private Main() {}

  public static void main(String... arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new FairwayCommand())
        .setExecutionExceptionHandler(new Failures())
        .setParameterExceptionHandler(new Misuse())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setUsageHelpLongOptionsMaxWidth(32);
  }
}
