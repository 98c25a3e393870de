package dev.fairway.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Back to the release that an environment ran before.
@Command(
    name = "rollback",
    description = "Bring an environment back to the release that it ran before.",
    mixinStandardHelpOptions = true)
final class RollbackCommand extends RemoteCommand {
  @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "Where.")
  @SuppressWarnings("NullAway.Init")
  private String environment;

  @Parameters(index = "1", paramLabel = "SERVICE", description = "What.")
  @SuppressWarnings("NullAway.Init")
  private String service;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why, for the evidence.")
  @SuppressWarnings("NullAway.Init")
  private String reason;

  @Override
  int ask(ApiClient api) {
    var deployment =
        api.post(
            "/api/v1/rollbacks",
            Map.of("environment", environment, "service", service, "reason", reason));
    return say(
        deployment,
        service
            + " in "
            + environment
            + " goes back to "
            + text(deployment, "version")
            + ": deployment "
            + text(deployment, "id"));
  }
}
