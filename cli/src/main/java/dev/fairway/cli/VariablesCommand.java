package dev.fairway.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Variables: what jobs are given and everybody may read.
@Command(
    name = "variables",
    description = "Set, list and remove what jobs are given and everybody may read.",
    mixinStandardHelpOptions = true,
    subcommands = {
      VariablesCommand.Put.class,
      VariablesCommand.ListAll.class,
      VariablesCommand.Remove.class
    })
final class VariablesCommand {
  private static final String PATH = "/api/v1/variables";

  @Command(
      name = "set",
      description = "Set a variable; its value is asked for, or read from standard input.",
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
      description = "List the variables of a scope.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ScopeOptions scope;

    @Override
    int ask(ApiClient api) {
      var answer = api.get(PATH + scope.query());
      return list(answer, answer.path("items"), List.of("name", "value", "setAt", "setBy"));
    }
  }

  @Command(name = "remove", description = "Remove a variable.", mixinStandardHelpOptions = true)
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
}
