package dev.fairway.agent;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What is the same for all jobs of an agent.
///
/// @param agent its name
/// @param jobs the folder in which each job gets one of its own
/// @param mavenCache the URL of a Maven repository on this machine that jobs look into first
/// @param callerVariables the variables of the person who runs a job on his own machine; empty for
///   an agent
/// @param actions the folder that keeps the code of actions from job to job
/// @param node what runs actions that are written in JavaScript
/// @param containers what runs containers
public record RunnerSettings(
    String agent,
    Path jobs,
    Isolation isolation,
    Optional<String> mavenCache,
    Map<String, String> callerVariables,
    Path actions,
    NodeRuntimes node,
    Containers containers) {
  public RunnerSettings {
    callerVariables = Map.copyOf(callerVariables);
  }

  /// With the code of actions beside the jobs, and what this machine has.
  public RunnerSettings(
      String agent,
      Path jobs,
      Isolation isolation,
      Optional<String> mavenCache,
      Map<String, String> callerVariables) {
    this(
        agent,
        jobs,
        isolation,
        mavenCache,
        callerVariables,
        jobs.resolveSibling("actions"),
        NodeRuntimes.ofThisMachine(),
        Containers.ofThisMachine());
  }
}
