package dev.fairway.agent;

import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The agent process.
///
/// ```
/// --server URL... --token-file FILE --data DIR [--name N] [--labels a,b] [--slots N] [--hide PATH]...
/// [--maven-repository DIR|none] [--drain SECONDS]
/// ```
///
/// SIGTERM: it claims no more jobs, waits for the running ones, and ends. Exit codes: 0 ended as
/// asked, 2 bad arguments, 3 cannot start.
public final class AgentMain {
  private static final List<String> OPTIONS =
      List.of(
          "--server",
          "--token-file",
          "--data",
          "--name",
          "--labels",
          "--slots",
          "--hide",
          "--maven-repository",
          "--drain");

  private AgentMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    AgentConfig config;
    try {
      config = parse(arguments);
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("fairway agent: " + e.getMessage());
      System.exit(2);
      return;
    }
    try {
      var agent = Agent.start(config, Clock.systemUTC(), RandomGenerator.getDefault());
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(agent)));
      agent.awaitDraining();
    } catch (IOException | FairwayException e) {
      System.err.println("fairway agent: " + JobRunner.sentence(e));
      System.exit(3);
    }
  }

  private static void end(Agent agent) {
    try (agent) {
      agent.drain();
    } catch (IOException e) {
      System.err.println("fairway agent: " + JobRunner.sentence(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static AgentConfig parse(String[] arguments) throws IOException {
    Map<String, List<String>> values = new HashMap<>();
    for (var at = 0; at < arguments.length; at += 2) {
      if (!OPTIONS.contains(arguments[at])) {
        throw new IllegalArgumentException("unknown option " + arguments[at]);
      }
      if (at + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[at] + " needs a value");
      }
      values.computeIfAbsent(arguments[at], _ -> new ArrayList<>()).add(arguments[at + 1]);
    }
    var home = Path.of(System.getProperty("user.home"));
    var repository =
        last(values, "--maven-repository")
            .map(value ->
                value.equals("none") ? Optional.<Path>empty() : Optional.of(Path.of(value)))
            .orElse(Optional.of(home.resolve(".m2/repository")));
    return new AgentConfig(
        servers(values),
        Path.of(required(values, "--token-file")).toAbsolutePath(),
        Path.of(required(values, "--data")).toAbsolutePath(),
        last(values, "--name").orElse(InetAddress.getLocalHost().getHostName()),
        last(values, "--labels").map(AgentMain::labels).orElseGet(AgentConfig::defaultLabels),
        number(values, "--slots", 1),
        values.getOrDefault("--hide", List.of()).stream().map(Path::of).toList(),
        repository,
        Duration.ofSeconds(number(values, "--drain", (int) AgentConfig.DEFAULT_DRAIN.toSeconds())));
  }

  private static List<String> labels(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .toList();
  }

  /// Given once for each, or once with commas.
  private static List<URI> servers(Map<String, List<String>> values) {
    required(values, "--server");
    return values.getOrDefault("--server", List.of()).stream()
        .flatMap(given -> Arrays.stream(given.split(",")))
        .map(String::strip)
        .map(URI::create)
        .toList();
  }

  private static String required(Map<String, List<String>> values, String option) {
    return last(values, option)
        .orElseThrow(() -> new IllegalArgumentException(option + " is missing"));
  }

  private static Optional<String> last(Map<String, List<String>> values, String option) {
    return Optional.ofNullable(values.get(option)).map(List::getLast);
  }

  private static int number(Map<String, List<String>> values, String option, int otherwise) {
    var text = last(values, option).orElse(Integer.toString(otherwise));
    if (!text.matches("\\d{1,6}")) {
      throw new IllegalArgumentException(option + " needs a number, not " + text);
    }
    return Integer.parseInt(text);
  }
}
