package dev.fairway.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The whole system on this machine, for daily use.
@Command(
    name = "up",
    description = "Start server, agent, proxy and database on this machine.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  static final String LAST_LINE = "`fairway down` stops those as well.";

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private InstallationOptions options;

  @Option(
      names = "--replica",
      description = {
        "Start only a server, which shares the work of the one that holds DIR.",
        "Needs FAIRWAY_DATABASE_URL, the same for all of them."
      })
  @SuppressWarnings("UnusedMethod") // picocli calls it
  private void replica(boolean chosen) {
    options.replica = chosen;
  }

  @Override
  public Integer call() throws InterruptedException {
    var out = spec.commandLine().getOut();
    var ended = new CountDownLatch(1);
    var installation = Installation.startUntilEnd(options, System.getenv(), ended::countDown);
    out.println("Fairway is up at " + installation.server().publicUrl());
    installation
        .server()
        .setupLink()
        .ifPresent(link -> out.println("Make the first administrator at " + link));
    if (options.replica) {
      out.println("Ctrl-C stops this server; the others go on.");
    } else {
      out.println("Ctrl-C stops the server and the agent; the services and their proxy go on.");
      out.println(LAST_LINE);
    }
    out.flush();
    ended.await();
    return ExitCode.SUCCESS;
  }
}
