package dev.fairway.cli;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Problem;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// Turns what a command throws into a sentence on standard error and an exit code.
final class Failures implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
    if (!(failure instanceof FairwayException refusal)) {
      line.getErr().println("fairway: our error, please report it: " + failure);
      failure.printStackTrace(line.getErr());
      return ExitCode.OUR_ERROR;
    }
    if (Output.wantsJson(parsed)) {
      line.getErr().println(Output.json(Problem.of(refusal)));
    } else {
      line.getErr().println("fairway: " + refusal.getMessage());
      if (!refusal.next().isEmpty()) {
        line.getErr().println("  " + refusal.next());
      }
    }
    return ExitCode.of(refusal.code());
  }
}
