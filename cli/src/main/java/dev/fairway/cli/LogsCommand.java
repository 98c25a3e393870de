package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What a run's jobs wrote, one job after the other.
@Command(
    name = "logs",
    description = "The logs of a run's jobs; with -f exit code 1 if the run ended without success.",
    mixinStandardHelpOptions = true)
final class LogsCommand extends RunsCommand.OfOne {
  /// What each line of a log begins with: an instant with milliseconds, and a space.
  private static final int TIME_CHARS = "2026-11-22T14:02:11.123Z ".length();

  /// A server that is started again is back before this; its logs go on where they broke off.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration PAUSE = Duration.ofMillis(500);

  @Option(names = "--job", paramLabel = "NAME", description = "Of this job only.")
  private String job = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the run has ended.")
  private boolean follow;

  @Option(names = "--times", description = "Print when each line was written.")
  private boolean times;

  private final CountDownLatch interrupted = new CountDownLatch(1);

  @Override
  int ask(ApiClient api) {
    var printed = new HashSet<String>();
    var jobs = unprinted(api, printed);
    if (jobs.isEmpty() && !follow) {
      throw noJob();
    }
    while (!jobs.isEmpty() || (follow && outcome(api).isNull())) {
      for (var each : jobs) {
        if (job.isEmpty() && !output.json()) {
          output.writer().println("── " + each.path("name").asString() + " ──");
        }
        print(api, each);
        printed.add(each.path("id").asString());
        if (follow) {
          break; // others have begun meanwhile, perhaps earlier ones
        }
      }
      if (jobs.isEmpty()) {
        pause();
      }
      // The end of one job may have made others.
      jobs = unprinted(api, printed);
    }
    if (printed.isEmpty()) {
      throw noJob();
    }
    return !follow || outcome(api).asString("").equals("success")
        ? ExitCode.SUCCESS
        : ExitCode.WORK_FAILED;
  }

  private List<JsonNode> unprinted(ApiClient api, Set<String> printed) {
    return api.get(path())
        .path("jobs")
        .valueStream()
        .filter(each -> job.isEmpty() || each.path("name").asString().equals(job))
        .filter(each -> !printed.contains(each.path("id").asString()))
        // Who follows would wait for one that has not begun, while others write.
        .filter(each -> !follow || hasBegun(each))
        .toList();
  }

  private static boolean hasBegun(JsonNode each) {
    return !each.path("startedAt").isNull() || !each.path("outcome").isNull();
  }

  private JsonNode outcome(ApiClient api) {
    return api.get(path()).path("run").path("outcome");
  }

  private void print(ApiClient api, JsonNode each) {
    var log = path() + "/jobs/" + each.path("id").asString() + "/log";
    if (follow) {
      follow(api, each, log);
      return;
    }
    try (var lines = read(api, log + "/text")) {
      lines.lines().forEach(line -> print(each, line));
    } catch (IOException e) {
      throw brokenOff(e);
    }
  }

  /// Prints a log to its end, which may come long after many a connection's.
  private void follow(ApiClient api, JsonNode each, String log) {
    var next = 1L;
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (var events = read(api, log + "/events?from=" + next)) {
        var event = "";
        for (var line = events.readLine(); line != null; line = events.readLine()) {
          deadline = System.nanoTime() + PATIENCE.toNanos();
          if (line.startsWith("event: ")) {
            event = line.substring("event: ".length());
          } else if (line.startsWith("data: ") && event.equals("end")) {
            return;
          } else if (line.startsWith("data: ") && event.equals("lines")) {
            var lines = Json.MAPPER.readTree(line.substring("data: ".length()));
            lines.path("lines").forEach(text -> print(each, text.asString()));
            next = lines.path("first").asLong() + lines.path("lines").size();
          }
        }
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw brokenOff(e);
        }
      } catch (FairwayException e) {
        if (System.nanoTime() > deadline || ExitCode.of(e.code()) == ExitCode.BAD_INPUT) {
          throw e;
        }
      }
      pause();
    }
  }

  private static BufferedReader read(ApiClient api, String path) {
    return new BufferedReader(new InputStreamReader(api.open(path), StandardCharsets.UTF_8));
  }

  private void print(JsonNode each, String line) {
    if (output.json()) {
      var named = Map.of("job", each.path("name").asString(), "line", line);
      output.writer().println(Json.MAPPER.writeValueAsString(named));
    } else {
      output
          .writer()
          .println(times || line.length() < TIME_CHARS ? line : line.substring(TIME_CHARS));
    }
    output.writer().flush();
  }

  private void pause() {
    try {
      interrupted.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }

  private FairwayException noJob() {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "Run "
            + number
            + " of "
            + project
            + (job.isEmpty() ? " has no jobs" : " has no job '" + job + "'"),
        "See it with: fairway runs show " + project + " " + number);
  }

  private static FairwayException brokenOff(IOException cause) {
    return new FairwayException(
        ErrorCode.INTERNAL,
        "The log broke off: " + cause.getMessage(),
        "Ask again; nothing of it is lost on the server.",
        cause);
  }
}
