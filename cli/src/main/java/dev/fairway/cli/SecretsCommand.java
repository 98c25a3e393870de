package dev.fairway.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Secrets: what jobs are given and nobody is shown.
@Command(
    name = "secrets",
    description = "Set, list and remove what jobs are given and nobody is shown.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SecretsCommand.Put.class,
      SecretsCommand.ListAll.class,
      SecretsCommand.Remove.class,
      SecretsCommand.RotateKey.class
    })
final class SecretsCommand {
  private static final String PATH = "/api/v1/secrets";

  @Command(
      name = "set",
      description = "Set a secret; its value is asked for, or read from standard input.",
      mixinStandardHelpOptions = true)
  static final class Put extends RemoteCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ScopeOptions scope;

    @Parameters(paramLabel = "NAME", description = "Letters, digits and '_'.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    int ask(ApiClient api) {
      var value = HiddenValue.read("Value of " + name);
      var answer =
          api.put(PATH + "/" + ApiClient.segment(name) + scope.query(), Map.of("value", value));
      return say(answer, "Set " + name + " for " + scope.words() + ".");
    }
  }

  @Command(
      name = "list",
      description = "List the secrets of a scope: who set which, and when.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ScopeOptions scope;

    @Override
    int ask(ApiClient api) {
      var answer = api.get(PATH + scope.query());
      return list(answer, answer.path("items"), List.of("name", "setAt", "setBy"));
    }
  }

  @Command(name = "remove", description = "Remove a secret.", mixinStandardHelpOptions = true)
  static final class Remove extends RemoteCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ScopeOptions scope;

    @Parameters(paramLabel = "NAME", description = "Which one.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Override
    int ask(ApiClient api) {
      var answer = api.delete(PATH + "/" + ApiClient.segment(name) + scope.query());
      return say(answer, "Removed " + name + " for " + scope.words() + ".");
    }
  }

  @Command(
      name = "rotate-key",
      description = "Seal every secret with a new key, and forget the old one.",
      mixinStandardHelpOptions = true)
  static final class RotateKey extends RemoteCommand {
    @Override
    int ask(ApiClient api) {
      var answer = api.post("/api/v1/rotate-secret-key", Map.of());
      return say(answer, text(answer, "secrets") + " secrets have a new key.");
    }
  }
}
