package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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

    /// The path of the run's job with that name.
    final String jobPath(ApiClient api, String name) {
      var jobs = api.get(path()).path("jobs");
      return jobs.valueStream()
          .filter(job -> job.path("name").asString().equals(name))
          .findFirst()
          .map(job -> path() + "/jobs/" + job.path("id").asString())
          .orElseThrow(() ->
              new FairwayException(
                  ErrorCode.NOT_FOUND,
                  "Run %d of %s has no job named '%s'".formatted(number, project, name),
                  "It has: "
                      + jobs.valueStream()
                          .map(job -> job.path("name").asString())
                          .collect(Collectors.joining(", "))
                      + "."));
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
    @Option(names = "--job", paramLabel = "NAME", description = "Stop this job only.")
    private String job = "";

    @Override
    int ask(ApiClient api) {
      if (!job.isEmpty()) {
        api.post(jobPath(api, job) + "/cancel", Map.of());
        return say(api.get(path()).path("run"), job + " of run " + number + " is stopped.");
      }
      return say(
          api.post(path() + "/cancel", Map.of()),
          "Run " + number + " of " + project + " is stopped.");
    }
  }

  @Command(name = "rerun", description = "Run it again.", mixinStandardHelpOptions = true)
  static final class Rerun extends OfOne {
    @ArgGroup private @Nullable Which which;

    @Option(names = "--debug", description = "Write down more than usual.")
    private boolean debug;

    /// Not all of it.
    static final class Which {
      @Option(names = "--failed", description = "Keep the jobs that succeeded.")
      private boolean failed;

      @Option(
          names = "--job",
          paramLabel = "NAME",
          description = "This job and those that need it; others may still be running.")
      private String job = "";
    }

    @Override
    int ask(ApiClient api) {
      if (which != null && !which.job.isEmpty()) {
        var run = api.post(jobPath(api, which.job) + "/rerun", Map.of("debug", debug));
        return say(run, which.job + " of run " + number + " of " + project + " runs again.");
      }
      var failed = which != null && which.failed;
      var run = api.post(path() + "/rerun", Map.of("failedOnly", failed, "debug", debug));
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
