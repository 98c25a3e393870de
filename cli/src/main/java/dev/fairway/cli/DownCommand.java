package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Stops what goes on after `fairway up` has ended.
@Command(
    name = "down",
    description = "Stop the agent, the proxy and the services that `up` left running.",
    mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private InstallationOptions options;

  @Override
  public Integer call() {
    if (!Files.isDirectory(options.data)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "There is no data folder " + options.data,
          "Name the one that `fairway up` was given with --data.");
    }
    Installation.stopEverything(options.data.toAbsolutePath().normalize());
    spec.commandLine().getOut().println("Nothing of " + options.data + " runs any more.");
    return ExitCode.SUCCESS;
  }
}
