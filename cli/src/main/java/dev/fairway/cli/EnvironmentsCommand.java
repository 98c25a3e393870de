package dev.fairway.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/// Environments: where releases go.
@Command(
    name = "environments",
    description = "List the environments and what runs there.",
    mixinStandardHelpOptions = true,
    subcommands = {EnvironmentsCommand.ListAll.class})
final class EnvironmentsCommand {

  @Command(
      name = "list",
      description = "What runs where, since when, and what waits.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/environments");
      output.print(
          answer,
          () -> {
            var rows = new ArrayList<List<String>>();
            for (var environment : answer.path("items")) {
              var name = text(environment.path("definition"), "name");
              for (var service : environment.path("services")) {
                rows.add(
                    List.of(
                        name,
                        text(service, "service"),
                        text(service, "version"),
                        "runs since " + text(service, "since")));
              }
              for (var open : environment.path("open")) {
                rows.add(
                    List.of(
                        name, text(open, "service"), text(open, "version"), text(open, "state")));
              }
              if (environment.path("services").isEmpty() && environment.path("open").isEmpty()) {
                rows.add(List.of(name, "", "", "empty"));
              }
            }
            output.table(List.of("ENVIRONMENT", "SERVICE", "VERSION", "STATE"), rows);
          });
      return ExitCode.SUCCESS;
    }
  }
}
