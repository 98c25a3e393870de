package dev.fairway.cli;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Deployments: one release going to one environment each.
@Command(
    name = "deployments",
    description = "List, show, promote, approve and reject deployments.",
    mixinStandardHelpOptions = true,
    subcommands = {
      DeploymentsCommand.ListAll.class,
      DeploymentsCommand.Show.class,
      DeploymentsCommand.Promote.class,
      DeploymentsCommand.Approve.class,
      DeploymentsCommand.Reject.class
    })
final class DeploymentsCommand {

  /// A command about one deployment.
  abstract static class OfOne extends RemoteCommand {
    @Parameters(paramLabel = "ID", description = "The deployment's id.")
    @SuppressWarnings("NullAway.Init")
    UUID id;
  }

  @Command(name = "list", description = "The latest deployments.", mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Option(names = "--environment", paramLabel = "NAME", description = "Of this one only.")
    private String environment = "";

    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/deployments?environment=" + ApiClient.segment(environment));
      return list(
          answer,
          answer.path("items"),
          List.of(
              "id", "service", "version", "environment", "state", "requestedBy", "requestedAt"));
    }
  }

  @Command(
      name = "show",
      description = "A deployment and the way it took; exit code 1 if it ended without success.",
      mixinStandardHelpOptions = true)
  static final class Show extends OfOne {
    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/deployments/" + id);
      list(answer, answer.path("steps"), List.of("state", "at", "actor", "note"));
      var outcome = answer.path("deployment").path("outcome");
      return outcome.isNull() || outcome.asString().equals("success")
          ? ExitCode.SUCCESS
          : ExitCode.WORK_FAILED;
    }
  }

  @Command(
      name = "promote",
      description = "Ask for a release to go to an environment; its rules apply.",
      mixinStandardHelpOptions = true)
  static final class Promote extends RemoteCommand {
    @Parameters(index = "0", paramLabel = "RELEASE", description = ReleasesCommand.PARAMETER)
    @SuppressWarnings("NullAway.Init")
    private String release;

    @Parameters(index = "1", paramLabel = "ENVIRONMENT", description = "Where to.")
    @SuppressWarnings("NullAway.Init")
    private String environment;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the evidence.")
    private String reason = "";

    @Override
    int ask(ApiClient api) {
      var deployment =
          api.post(
              "/api/v1/deployments",
              Map.of(
                  "releaseId",
                  ReleasesCommand.find(api, release),
                  "environment",
                  environment,
                  "reason",
                  reason));
      return say(
          deployment, "Deployment " + text(deployment, "id") + " is " + text(deployment, "state"));
    }
  }

  /// Says yes or no.
  abstract static class Decide extends OfOne {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the evidence.")
    private String reason = "";

    abstract String verb();

    @Override
    final int ask(ApiClient api) {
      var deployment =
          api.post("/api/v1/deployments/" + id + "/" + verb(), Map.of("reason", reason));
      return say(
          deployment,
          text(deployment, "service")
              + " "
              + text(deployment, "version")
              + " for "
              + text(deployment, "environment")
              + " is now "
              + text(deployment, "state"));
    }
  }

  @Command(
      name = "approve",
      description = "Say yes to a deployment that waits for approval.",
      mixinStandardHelpOptions = true)
  static final class Approve extends Decide {
    @Override
    String verb() {
      return "approve";
    }
  }

  @Command(
      name = "reject",
      description = "Say no to a deployment that waits for approval.",
      mixinStandardHelpOptions = true)
  static final class Reject extends Decide {
    @Override
    String verb() {
      return "reject";
    }
  }
}
