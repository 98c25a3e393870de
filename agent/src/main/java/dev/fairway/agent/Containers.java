package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether this machine can run containers, asked once, when a job first wants one: podman, else
/// docker.
public final class Containers {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration REMOVAL = Duration.ofMinutes(2);

  /// What a client of podman or docker reads from its own variables.
  private static final Set<String> CLIENTS_OWN =
      Set.of(
          "PATH",
          "HOME",
          "XDG_RUNTIME_DIR",
          "CONTAINERS_CONF",
          "CONTAINERS_STORAGE_CONF",
          "CONTAINERS_REGISTRIES_CONF",
          "REGISTRY_AUTH_FILE",
          "DOCKER_HOST",
          "DOCKER_CONFIG",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY");

  private final Map<String, String> environment;
  private @Nullable ContainerEngine engine;
  private @Nullable String reason;

  /// @param environment of the agent
  public Containers(Map<String, String> environment) {
    var own = new LinkedHashMap<String, String>();
    environment.forEach((name, value) -> {
      if (CLIENTS_OWN.contains(name)) {
        own.put(name, value);
      }
    });
    this.environment = Map.copyOf(own);
  }

  /// With the variables of this process.
  public static Containers ofThisMachine() {
    return new Containers(System.getenv());
  }

  /// The one that works here; a refusal says why there is none.
  ///
  /// @param wanted what needs it, for people
  synchronized ContainerEngine engine(String wanted) throws IOException, InterruptedException {
    if (engine == null && reason == null) {
      look();
    }
    if (engine == null) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "%s needs podman or docker, and this agent has neither that works: %s"
              .formatted(wanted, reason),
          "Install podman there, or let the job run on an agent that has it.");
    }
    return engine;
  }

  /// Removes what the jobs of an agent have left that was killed: containers, networks, volumes.
  /// Without an engine there is nothing.
  ///
  /// @param jobs the agent's folder of jobs
  /// @param ids of the jobs
  void removeLeftovers(Path jobs, List<String> ids) throws IOException, InterruptedException {
    ContainerEngine here;
    try {
      here = engine("The agent");
    } catch (FairwayException e) {
      return;
    }
    var ours = "label=" + JobContainers.AGENT_LABEL + "=" + jobs;
    remove(here, here.removal(List.of()), names(here, List.of("ps", "-aq", "--filter", ours)));
    remove(
        here,
        List.of("network", "rm"),
        names(here, List.of("network", "ls", "-q", "--filter", ours)));
    var prefixes = ids.stream().map(id -> JobContainers.prefix(id) + "-").toList();
    var volumes =
        names(here, List.of("volume", "ls", "-q")).stream()
            .filter(volume -> prefixes.stream().anyMatch(volume::startsWith))
            .toList();
    remove(here, List.of("volume", "rm", "-f"), volumes);
  }

  private static List<String> names(ContainerEngine engine, List<String> list)
      throws IOException, InterruptedException {
    var found = engine.run(ANSWER, list);
    return found.good() ? found.text().lines().filter(name -> !name.isBlank()).toList() : List.of();
  }

  private static void remove(ContainerEngine engine, List<String> remove, List<String> names)
      throws IOException, InterruptedException {
    if (names.isEmpty()) {
      return;
    }
    var command = new ArrayList<>(remove);
    command.addAll(names);
    var said = engine.run(REMOVAL, command);
    if (!said.good()) {
      System.getLogger("agent")
          .log(
              System.Logger.Level.WARNING,
              "Of a killed agent''s containers something stays. {0}: {1}",
              String.join(" ", command),
              said.shortened());
    }
  }

  /// What is installed that may run containers; whether it works is asked when a job wants one.
  String installed() {
    return find("podman") != null ? "podman" : find("docker") != null ? "docker" : "none";
  }

  private void look() throws IOException, InterruptedException {
    var reasons = new ArrayList<String>();
    for (var name : List.of("podman", "docker")) {
      var program = find(name);
      if (program == null) {
        reasons.add(name + " is not installed");
        continue;
      }
      var candidate = new ContainerEngine(program, environment);
      var works = candidate.run(ANSWER, List.of("info"));
      if (works.good()) {
        engine = candidate;
        return;
      }
      reasons.add(name + " does not work: " + works.shortened());
    }
    reason = String.join("; ", reasons);
  }

  private @Nullable Path find(String name) {
    for (var folder : environment.getOrDefault("PATH", JobEnvironment.SYSTEM_PATH).split(":", -1)) {
      if (folder.startsWith("/") && Files.isExecutable(Path.of(folder).resolve(name))) {
        return Path.of(folder).resolve(name);
      }
    }
    return null;
  }
}
