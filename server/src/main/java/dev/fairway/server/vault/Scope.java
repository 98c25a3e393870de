package dev.fairway.server.vault;

import java.util.Optional;
import java.util.UUID;

/// Where a secret or variable holds: everywhere, in a project, in an environment, or in a project's
/// jobs for an environment.
///
/// @param project empty for all of them
/// @param environment the name; empty for every job, whether it names one or not
public record Scope(Optional<UUID> project, Optional<String> environment) {
  /// All jobs of all projects.
  public static final Scope ORGANISATION = new Scope(Optional.empty(), Optional.empty());

  public static Scope ofProject(UUID project) {
    return new Scope(Optional.of(project), Optional.empty());
  }

  public static Scope ofEnvironment(String environment) {
    return new Scope(Optional.empty(), Optional.of(environment));
  }

  /// The word for it: `organisation`, `project`, `environment` or `project environment`.
  public String word() {
    if (project.isPresent()) {
      return environment.isPresent() ? "project environment" : "project";
    }
    return environment.isPresent() ? "environment" : "organisation";
  }
}
