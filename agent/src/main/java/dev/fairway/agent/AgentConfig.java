package dev.fairway.agent;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How an agent process is set up.
///
/// @param server its base URL
/// @param tokenFile holds the agent's token; no job can read it
/// @param data a folder of the agent's own
/// @param name unique in the installation
/// @param labels what `runs-on` may ask for
/// @param slots how many jobs run at once
/// @param hidden further files and folders that no job may see
/// @param mavenRepository the machine's local Maven repository, offered to jobs; empty for none
/// @param drain how long an agent that is asked to end waits for its jobs
public record AgentConfig(
    URI server,
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

  public AgentConfig {
    labels = List.copyOf(labels);
    hidden = List.copyOf(hidden);
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots must be from 1 to " + MAX_SLOTS);
    }
  }
}
