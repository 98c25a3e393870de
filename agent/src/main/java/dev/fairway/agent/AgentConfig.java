package dev.fairway.agent;

import dev.fairway.api.AgentLabels;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How an agent process is set up.
///
/// @param servers the base URLs of the servers that share the work; one that does not answer is
///   left for the next
/// @param tokenFile holds the agent's token; no job can read it
/// @param data a folder of the agent's own
/// @param name unique in the installation
/// @param labels what `runs-on` may ask for
/// @param slots how many jobs run at once
/// @param hidden further files and folders that no job may see
/// @param mavenRepository the machine's local Maven repository, offered to jobs; empty for none
/// @param drain how long an agent that is asked to end waits for its jobs
public record AgentConfig(
    List<URI> servers,
    Path tokenFile,
    Path data,
    String name,
    List<String> labels,
    int slots,
    List<Path> hidden,
    Optional<Path> mavenRepository,
    Duration drain) {
  static final int MAX_SLOTS = 64;
  static final Duration DEFAULT_DRAIN = Duration.ofMinutes(10);

  /// What `runs-on` may ask an agent for that was told nothing about it: the labels that a runner
  /// of one's own has on GitHub.
  public static List<String> defaultLabels() {
    return AgentLabels.normal(List.of("self-hosted", "linux", JobEnvironment.architecture()));
  }

  public AgentConfig {
    servers = List.copyOf(servers);
    labels = List.copyOf(labels);
    hidden = List.copyOf(hidden);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("at least one server is needed");
    }
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots must be from 1 to " + MAX_SLOTS);
    }
  }

  /// Where the jobs have their folders.
  Path jobs() {
    return data.resolve("jobs");
  }

  /// Where lies what jobs have said and no server has heard.
  Path spools() {
    return data.resolve("spools");
  }
}
