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
public record RunnerSettings(
    String agent,
    Path jobs,
    Isolation isolation,
    Optional<String> mavenCache,
    Map<String, String> callerVariables) {
  public RunnerSettings {
    callerVariables = Map.copyOf(callerVariables);
  }
}
