package dev.fairway.cli;

import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Says what is wrong with the arguments, what was perhaps meant, and where to read on.
final class Misuse implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine line = failure.getCommandLine();
    var err = line.getErr();
    err.println("fairway: " + failure.getMessage());
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("  See '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.BAD_INPUT;
  }
}
