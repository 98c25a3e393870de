package dev.fairway.cli;

import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Releases: what a successful run of the default branch made.
@Command(
    name = "releases",
    description = "List and show releases.",
    mixinStandardHelpOptions = true,
    subcommands = {ReleasesCommand.ListAll.class, ReleasesCommand.Show.class})
final class ReleasesCommand {
  static final String PARAMETER = "SERVICE@VERSION, or the release's id.";

  /// The id of a release that a person named.
  static UUID find(ApiClient api, String name) {
    try {
      return UUID.fromString(name);
    } catch (IllegalArgumentException e) {
      // A name, then.
    }
    return UUID.fromString(
        api.get("/api/v1/releases/" + ApiClient.segment(name))
            .path("release")
            .path("id")
            .asString());
  }

  @Command(name = "list", description = "The latest releases.", mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/releases");
      return list(
          answer,
          answer.path("items"),
          List.of("service", "version", "state", "project", "commit", "createdAt", "reason"));
    }
  }

  @Command(
      name = "show",
      description = "A release and where it went.",
      mixinStandardHelpOptions = true)
  static final class Show extends RemoteCommand {
    @Parameters(paramLabel = "RELEASE", description = PARAMETER)
    @SuppressWarnings("NullAway.Init")
    private String release;

    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/releases/" + find(api, release));
      return list(
          answer,
          answer.path("deployments"),
          List.of(
              "environment", "state", "kind", "requestedBy", "requestedAt", "endedAt", "reason"));
    }
  }
}
