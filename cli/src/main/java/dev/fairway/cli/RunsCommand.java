package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Runs: one execution of a workflow each.
@Command(
    name = "runs",
    description = "List, show, follow, cancel and re-run runs.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RunsCommand.ListAll.class,
      RunsCommand.Show.class,
      RunsCommand.Logs.class,
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

  @Command(
      name = "logs",
      description = "The logs of a run's jobs.",
      mixinStandardHelpOptions = true)
  static final class Logs extends OfOne {
    /// What each line of a log begins with: an instant with milliseconds, and a space.
    private static final int TIME_CHARS = "2026-11-22T14:02:11.123Z ".length();

    @Option(names = "--job", paramLabel = "NAME", description = "Of this job only.")
    private String job = "";

    @Option(
        names = {"-f", "--follow"},
        description = "Go on until the job has ended.")
    private boolean follow;

    @Option(names = "--times", description = "Print when each line was written.")
    private boolean times;

    @Override
    int ask(ApiClient api) {
      var jobs =
          api.get(path())
              .path("jobs")
              .valueStream()
              .filter(each -> job.isEmpty() || each.path("name").asString().equals(job))
              .toList();
      if (jobs.isEmpty()) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND,
            "Run " + number + " of " + project + " has no job '" + job + "'",
            "List its jobs with: fairway runs show " + project + " " + number);
      }
      jobs.forEach(each -> print(api, each));
      return ExitCode.SUCCESS;
    }

    private void print(ApiClient api, JsonNode each) {
      var log = path() + "/jobs/" + each.path("id").asString() + "/log";
      var source = follow ? log + "/events?from=1" : log + "/text";
      try (var lines =
          new BufferedReader(new InputStreamReader(api.open(source), StandardCharsets.UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!follow) {
            print(line);
          } else if (line.startsWith("data: ")) {
            print(line.substring("data: ".length()));
          }
        }
      } catch (IOException e) {
        throw new FairwayException(
            ErrorCode.INTERNAL,
            "The log broke off: " + e.getMessage(),
            "Ask again; nothing of it is lost on the server.",
            e);
      }
    }

    private void print(String line) {
      output
          .writer()
          .println(times || line.length() < TIME_CHARS ? line : line.substring(TIME_CHARS));
      output.writer().flush();
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
