package dev.fairway.server.delivery;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What a repository says about the service that it holds: the file `.fairway/service.yml`.
///
/// @param service its name; unique in the installation, part of its host names
/// @param owner who is asked when it misbehaves: a team or a person
/// @param artifacts the names of the run's artifacts that make a release, in the order of unpacking
/// @param drain how long requests under way may take after the traffic has gone elsewhere
public record ServiceDefinition(
    String service, String owner, List<String> artifacts, Run run, Health health, Duration drain) {

  /// How to run it.
  ///
  /// @param command the program and its arguments, without a shell
  /// @param portVariable the environment variable that tells it its port
  /// @param environment sorted by name, so that the same file always gives the same digest
  public record Run(List<String> command, String portVariable, Map<String, String> environment) {
    public Run {
      command = List.copyOf(command);
      environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    }
  }

  /// How to see that it is well.
  ///
  /// @param path asked by GET; 200 to 399 is well
  /// @param interval from one question to the next
  /// @param timeout how long an answer may take
  /// @param healthy so many good answers in a row make it healthy
  /// @param unhealthy so many bad ones in a row make it unhealthy
  /// @param start how long it may take to become healthy after its start
  public record Health(
      String path,
      Duration interval,
      Duration timeout,
      int healthy,
      int unhealthy,
      Duration start) {}

  /// Where a repository keeps it.
  public static final String PATH = ".fairway/service.yml";

  /// What a service may be called: a DNS label, because it becomes a part of host names.
  static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");

  private static final Pattern OWNER = Pattern.compile("[^\\p{Cntrl}]{1,100}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
  private static final Pattern HEALTH_PATH = Pattern.compile("/[!-~]{0,200}");
  private static final String RESERVED_PREFIX = "FAIRWAY_";

  private static final Duration MIN_TIME = Duration.ofMillis(50);
  private static final Duration MAX_INTERVAL = Duration.ofMinutes(1);
  private static final Duration MAX_START = Duration.ofMinutes(15);
  private static final Duration MAX_DRAIN = Duration.ofMinutes(10);
  private static final int MAX_COUNT = 20;

  public ServiceDefinition {
    artifacts = List.copyOf(artifacts);
  }

  /// Reads the file's text; every mistake is refused with its line and column.
  public static ServiceDefinition parse(String text) {
    var file =
        Yaml.document(PATH, text).only("service", "owner", "artifacts", "run", "health", "drain");
    return new ServiceDefinition(
        file.text("service", NAME, "a service name: lower-case letters, digits and dashes"),
        file.text("owner", OWNER, "an owner"),
        artifacts(file),
        run(file.mapping("run")),
        health(file.mapping("health")),
        file.duration("drain", Duration.ofSeconds(10), Duration.ZERO, MAX_DRAIN));
  }

  private static List<String> artifacts(Yaml file) {
    var artifacts = file.texts("artifacts");
    if (artifacts.isEmpty()) {
      throw file.refuse("artifacts", "name at least one artifact that the run uploads");
    }
    if (new HashSet<>(artifacts).size() < artifacts.size()) {
      throw file.refuse("artifacts", "an artifact is named twice");
    }
    return artifacts;
  }

  private static Run run(Yaml run) {
    run.only("command", "port", "environment");
    var command = run.texts("command");
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw run.refuse("command", "name the program and its arguments as a list");
    }
    return new Run(
        command,
        run.has("port") ? variable(run, "port") : "PORT",
        run.optionalMapping("environment").map(ServiceDefinition::variables).orElse(Map.of()));
  }

  private static String variable(Yaml mapping, String key) {
    return mapping.text(key, VARIABLE, "the name of an environment variable");
  }

  /// The variables of a mapping; the names that Fairway sets itself are refused.
  static Map<String, String> variables(Yaml mapping) {
    var variables = new LinkedHashMap<String, String>();
    for (var name : mapping.keys()) {
      if (!VARIABLE.matcher(name).matches() || name.startsWith(RESERVED_PREFIX)) {
        throw mapping.refuse(
            name, "not the name of an environment variable, or one that Fairway sets itself");
      }
      variables.put(name, mapping.text(name));
    }
    return variables;
  }

  private static String healthPath(Yaml health) {
    var path = health.text("path", HEALTH_PATH, "a path that begins with /");
    try {
      if (new URI("http://localhost" + path).getRawFragment() == null) {
        return path;
      }
    } catch (URISyntaxException e) {
      // Refused below, like a path with a fragment.
    }
    throw health.refuse("path", "'" + path + "' is not a path of a URL: encode what is special");
  }

  private static Health health(Yaml health) {
    health.only("path", "interval", "timeout", "healthy", "unhealthy", "start");
    return new Health(
        healthPath(health),
        health.duration("interval", Duration.ofSeconds(1), MIN_TIME, MAX_INTERVAL),
        health.duration("timeout", Duration.ofSeconds(2), MIN_TIME, MAX_INTERVAL),
        (int) health.number("healthy", 2, 1, MAX_COUNT),
        (int) health.number("unhealthy", 3, 1, MAX_COUNT),
        health.duration("start", Duration.ofMinutes(1), MIN_TIME, MAX_START));
  }
}
