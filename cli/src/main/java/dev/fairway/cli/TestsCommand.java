package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Tests: what they did, run by run.
@Command(
    name = "tests",
    description = "List tests and their history, quarantine one, show coverage.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TestsCommand.ListAll.class,
      TestsCommand.Show.class,
      TestsCommand.OfRun.class,
      TestsCommand.Quarantine.class,
      TestsCommand.EndQuarantine.class,
      TestsCommand.Coverage.class
    })
final class TestsCommand {

  /// A command about the tests of one project.
  abstract static class OfProject extends RemoteCommand {
    @Parameters(index = "0", paramLabel = "PROJECT", description = "The project's name.")
    @SuppressWarnings("NullAway.Init")
    String project;

    final String path() {
      return "/api/v1/projects/" + ApiClient.segment(project) + "/tests";
    }
  }

  /// A command about one test.
  abstract static class OfOne extends OfProject {
    @Parameters(
        index = "1",
        paramLabel = "TEST",
        description = "Its id, or a part of its name that no other test has.")
    @SuppressWarnings("NullAway.Init")
    String test;

    /// The path of the test, which may be named by a part of its name.
    final String testPath(ApiClient api) {
      if (test.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")) {
        return path() + "/" + test;
      }
      var found =
          api.get(path() + "?show=named&q=" + URLEncoder.encode(test, StandardCharsets.UTF_8))
              .path("items");
      var exact = found.valueStream().filter(each -> title(each).equals(test)).toList();
      var only = exact.size() == 1 ? exact.getFirst() : found.path(0);
      if (exact.size() != 1 && found.size() != 1) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND,
            found.isEmpty()
                ? "%s has no test named '%s'".formatted(project, test)
                : "%d tests of %s have '%s' in their names".formatted(found.size(), project, test),
            "Look at: fairway tests list " + project + " --named PART");
      }
      return path() + "/" + only.path("id").asString();
    }

    private static String title(JsonNode test) {
      var suite = test.path("suite").asString();
      return suite.isEmpty()
          ? test.path("name").asString()
          : suite + "." + test.path("name").asString();
    }
  }

  @Command(
      name = "list",
      description = "The failing tests of the default branch's newest run, or others.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends OfProject {
    @ArgGroup private @Nullable Which which;

    /// Others than the failing ones.
    static final class Which {
      @Option(names = "--flaky", description = "Passed and failed on the same commit lately.")
      private boolean flaky;

      @Option(names = "--slowest", description = "Took longest in that run.")
      private boolean slowest;

      @Option(names = "--quarantined", description = "Failures are tolerated.")
      private boolean quarantined;

      @Option(names = "--named", paramLabel = "PART", description = "Have that in their name.")
      private String named = "";

      private String query() {
        return flaky
            ? "?show=flaky"
            : slowest
                ? "?show=slowest"
                : quarantined
                    ? "?show=quarantined"
                    : "?show=named&q=" + URLEncoder.encode(named, StandardCharsets.UTF_8);
      }
    }

    @Override
    int ask(ApiClient api) {
      var answer = api.get(path() + (which == null ? "" : which.query()));
      return list(
          answer,
          answer.path("items"),
          List.of("id", "verdict", "durationMillis", "run", "suite", "name"));
    }
  }

  @Command(name = "show", description = "The history of a test.", mixinStandardHelpOptions = true)
  static final class Show extends OfOne {
    @Override
    int ask(ApiClient api) {
      var answer = api.get(testPath(api));
      return list(
          answer,
          answer.path("history"),
          List.of("run", "verdict", "durationMillis", "job", "commit", "ref", "at"));
    }
  }

  @Command(
      name = "run",
      description =
          "The tests of a run that did not pass; exit code 1 if one failed that is not tolerated.",
      mixinStandardHelpOptions = true)
  static final class OfRun extends RunsCommand.OfOne {
    @Override
    int ask(ApiClient api) {
      var answer = api.get(path() + "/tests");
      list(
          answer,
          answer.path("cases"),
          List.of("verdict", "fresh", "flaky", "tolerated", "job", "suite", "name", "message"));
      var totals = answer.path("totals");
      return totals.path("failed").asInt() > totals.path("tolerated").asInt()
          ? ExitCode.WORK_FAILED
          : ExitCode.SUCCESS;
    }
  }

  @Command(
      name = "quarantine",
      description = "Tolerate failures of a test for a while.",
      mixinStandardHelpOptions = true)
  static final class Quarantine extends OfOne {
    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
    @SuppressWarnings("NullAway.Init")
    private String reason;

    @Option(
        names = "--days",
        paramLabel = "N",
        defaultValue = "14",
        description = "It ends by itself after 1 to 30 days; ${DEFAULT-VALUE} unless told.")
    private int days;

    @Override
    int ask(ApiClient api) {
      var answer = api.post(testPath(api) + "/quarantine", Map.of("reason", reason, "days", days));
      return say(
          answer,
          "%s is in quarantine until %s."
              .formatted(
                  answer.path("test").path("name").asString(),
                  answer.path("test").path("quarantine").path("until").asString()));
    }
  }

  @Command(
      name = "end-quarantine",
      description = "Tolerate failures of a test no longer.",
      mixinStandardHelpOptions = true)
  static final class EndQuarantine extends OfOne {
    @Override
    int ask(ApiClient api) {
      var answer = api.post(testPath(api) + "/quarantine/end", Map.of());
      return say(
          answer, answer.path("test").path("name").asString() + " is in quarantine no longer.");
    }
  }

  @Command(
      name = "coverage",
      description = "The coverage of the default branch's latest runs.",
      mixinStandardHelpOptions = true)
  static final class Coverage extends OfProject {
    @Override
    int ask(ApiClient api) {
      var answer = api.get("/api/v1/projects/" + ApiClient.segment(project) + "/coverage");
      return list(
          answer, answer.path("items"), List.of("run", "lines", "branches", "commit", "at"));
    }
  }
}
