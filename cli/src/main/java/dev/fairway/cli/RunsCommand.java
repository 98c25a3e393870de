package dev.fairway.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs: one execution of a workflow each.
@Command(
    name = "runs",
    description = "List, show, follow, cancel and re-run runs.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RunsCommand.ListAll.class,
      RunsCommand.Show.class,
      LogsCommand.class,
      RunsCommand.Cancel.class,
      RunsCommand.Rerun.class
    })
final class RunsCommand {

  /// A command about one run.
  abstract static class OfOne extends RemoteCommand {
    @Parameters(index = "0", paramLabel = "PROJECT", description = "The project's name.")
    @SuppressWarnings("NullAway.Init")
    String project;

    @Parameters(index = "1", paramLabel = "NUMBER", description = "The run's number.")
    long number;

    final String path() {
      return "/api/v1/projects/" + ApiClient.segment(project) + "/runs/" + number;
    }
  }

  @Command(name = "list", description = "The latest runs.", mixinStandardHelpOptions = true)
  static final class ListAll extends RemoteCommand {
    @Parameters(arity = "0..1", paramLabel = "PROJECT", description = "Of this project only.")
    private String project = "";

    @Override
    int ask(ApiClient api) {
      var answer =
          api.get(
              project.isEmpty()
                  ? "/api/v1/runs"
                  : "/api/v1/projects/" + ApiClient.segment(project) + "/runs");
      return list(
          answer,
          answer.path("items"),
          List.of(
              "project", "number", "state", "workflow", "event", "commit", "title", "createdAt"));
    }
  }

  @Command(
      name = "show",
      description = "A run with its jobs; exit code 1 if it ended without success.",
      mixinStandardHelpOptions = true)
  static final class Show extends OfOne {
    @Override
    int ask(ApiClient api) {
      var answer = api.get(path());
      list(answer, answer.path("jobs"), List.of("name", "state", "attempt", "agent", "reason"));
      var outcome = answer.path("run").path("outcome");
      return outcome.isNull() || outcome.asString().equals("success")
          ? ExitCode.SUCCESS
          : ExitCode.WORK_FAILED;
    }
  }

  @Command(name = "cancel", description = "Stop a run.", mixinStandardHelpOptions = true)
  static final class Cancel extends OfOne {
    @Override
    int ask(ApiClient api) {
      return say(
          api.post(path() + "/cancel", Map.of()),
          "Run " + number + " of " + project + " is stopped.");
    }
  }

  @Command(name = "rerun", description = "Run it again.", mixinStandardHelpOptions = true)
  static final class Rerun extends OfOne {
    @Option(names = "--failed", description = "Keep the jobs that succeeded.")
    private boolean failed;

    @Override
    int ask(ApiClient api) {
      var run = api.post(path() + "/rerun", Map.of("failedOnly", failed));
      return say(
          run,
          "Run "
              + number
              + " of "
              + project
              + " runs again, attempt "
              + text(run, "attempt")
              + ".");
    }
  }
}
