package dev.fairway.cli;

import java.util.List;
import picocli.CommandLine;

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
