package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The whole path on real input, told stage by stage.
@Command(
    name = "demo",
    description = "Deliver an example service to production, and catch a bad change to it.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private InstallationOptions options;

  @Option(names = "--exit", description = "End after the last stage instead of serving on.")
  private boolean exit;

  @Override
  public Integer call() throws IOException, InterruptedException {
    // Not every resolver knows the names below .localhost, so customers say them in the Host
    // header; the HTTP client looks at this before it is first used.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    if (!spec.commandLine().getParseResult().hasMatchedOption("--data")) {
      options.data = Files.createTempDirectory("fairway-demo");
    }
    // What the server tells its operator would tear the story's lines apart.
    Logger.getLogger("dev.fairway").setLevel(Level.WARNING);
    var narration = new Narration(spec.commandLine().getOut());
    narration.line("");
    narration.line("Fairway demo: from a commit to production, with proof");
    narration.line("");
    var closing = new CountDownLatch(1);
    var data = options.data.toAbsolutePath().normalize();
    var installation =
        narration.stage(
            "Start",
            "server, agent, proxy, PostgreSQL in " + options.data,
            () ->
                Installation.startUntilEnd(
                    options,
                    System.getenv(),
                    () -> {
                      Installation.stopEverything(data);
                      closing.countDown();
                    }));
    new Demo(narration, installation, options, home()).play();
    if (!exit) {
      narration.line("Serving on until Ctrl-C.");
      closing.await();
    }
    return ExitCode.SUCCESS;
  }

  /// The source tree, where the example lies.
  private static Path home() {
    var home = System.getProperty("fairway.home");
    if (home == null || !Files.isDirectory(Path.of(home, "examples", "payments"))) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "The example service is not beside this program",
          "Start the demo as ./fairway demo from a source tree.");
    }
    return Path.of(home);
  }
}
