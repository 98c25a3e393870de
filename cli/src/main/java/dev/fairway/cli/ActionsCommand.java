package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Actions of other repositories: which commits they are locked to, whose may be used.
@Command(
    name = "actions",
    description = "Say whose actions jobs may use, from where, and at which commits.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ActionsCommand.ListAll.class,
      ActionsCommand.Unlock.class,
      ActionsCommand.Settings.class,
      ActionsCommand.Allow.class,
      ActionsCommand.Sources.class
    })
final class ActionsCommand {
  private static final String SETTINGS = "/api/v1/actions/settings";

  @Command(
      name = "list",
      description = "List the tags and branches that are locked to a commit.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/actions/locks");
      return list(
          answer,
          answer.path("items"),
          List.of("repository", "ref", "kind", "sha", "movedTo", "lockedAt", "lockedBy"));
    }
  }

  @Command(
      name = "unlock",
      description = "Accept that a tag or branch has moved: the next job locks where it is then.",
      mixinStandardHelpOptions = true)
  static final class Unlock extends RemoteCommand {
    @Parameters(paramLabel = "OWNER/NAME@REF", description = "Such as actions/foo@v1.")
    @SuppressWarnings("NullAway.Init")
    private String reference;

    @Override
    int ask(ApiClient api) {
      var lock = api.post("/api/v1/actions/unlock", Map.of("reference", reference));
      return say(lock, reference + " is not locked to " + text(lock, "sha") + " any more.");
    }
  }

  @Command(
      name = "settings",
      description = "Show whose actions may be used, and where they come from.",
      mixinStandardHelpOptions = true)
  static final class Settings extends RemoteCommand {
    @Override
    int ask(ApiClient api) {
      return show(this, api.get(SETTINGS));
    }
  }

  @Command(
      name = "allow",
      description = "Allow actions by a pattern, or take that back.",
      mixinStandardHelpOptions = true)
  static final class Allow extends RemoteCommand {
    @Parameters(
        arity = "1..*",
        paramLabel = "PATTERN",
        description = "Such as 'acme/*' or acme/deploy@v1.")
    @SuppressWarnings("NullAway.Init")
    private List<String> patterns;

    @Option(names = "--remove", description = "Take the patterns back.")
    private boolean remove;

    @Override
    int ask(ApiClient api) {
      var settings = (ObjectNode) api.get(SETTINGS);
      var allowed = Json.MAPPER.createArrayNode();
      for (var pattern : settings.path("allowed")) {
        if (!patterns.contains(pattern.asString())) {
          allowed.add(pattern);
        }
      }
      if (!remove) {
        patterns.forEach(allowed::add);
      }
      settings.set("allowed", allowed);
      return show(this, api.put(SETTINGS, settings));
    }
  }

  @Command(
      name = "sources",
      description = "Say where actions come from; the sources are asked in their order.",
      mixinStandardHelpOptions = true)
  static final class Sources extends RemoteCommand {
    @Parameters(
        arity = "1..*",
        paramLabel = "PATTERN=FROM",
        description = {
          "Such as 'acme/*=project:{name}', '*=/srv/actions/{repository}',",
          "'*=https://github.com/{repository}.git'."
        })
    @SuppressWarnings("NullAway.Init")
    private List<String> sources;

    @Override
    int ask(ApiClient api) {
      var settings = (ObjectNode) api.get(SETTINGS);
      ArrayNode list = settings.putArray("sources");
      for (var source : sources) {
        var equals = source.indexOf('=');
        if (equals < 0) {
          throw new FairwayException(
              ErrorCode.INVALID_INPUT,
              "'" + source + "' names no source",
              "Write PATTERN=FROM, such as '*=https://github.com/{repository}.git'.");
        }
        list.addObject()
            .put("repositories", source.substring(0, equals))
            .put("from", source.substring(equals + 1));
      }
      return show(this, api.put(SETTINGS, settings));
    }
  }

  private static int show(RemoteCommand command, JsonNode settings) {
    var output = command.output;
    output.print(
        settings,
        () -> {
          output.table(
              List.of("REPOSITORIES", "FROM"),
              settings
                  .path("sources")
                  .valueStream()
                  .map(source ->
                      List.of(
                          source.path("repositories").asString(), source.path("from").asString()))
                  .toList());
          output
              .writer()
              .println(
                  "Allowed: "
                      + String.join(
                          ", ",
                          settings
                              .path("allowed")
                              .valueStream()
                              .map(pattern -> pattern.asString())
                              .toList()));
        });
    return ExitCode.SUCCESS;
  }
}
