package dev.fairway.server.vault;

import java.util.List;

/// What the page of secrets and variables shows for one scope.
///
/// @param project the project's name; empty for all of them
/// @param environment the environment's name; empty for every job
/// @param projects the names of all
/// @param environments the names of all
/// @param may whether the viewer may change what is shown
/// @param token what tokens of jobs may do there
/// @param refusal why something was not done; empty otherwise
public record VaultView(
    String project,
    String environment,
    List<String> projects,
    List<String> environments,
    List<Setting> secrets,
    List<Setting> variables,
    boolean may,
    Token token,
    String refusal) {
  /// @param level what was decided there; empty for nothing
  /// @param may whether the viewer may change it
  public record Token(String level, boolean may) {}

  public VaultView {
    projects = List.copyOf(projects);
    environments = List.copyOf(environments);
    secrets = List.copyOf(secrets);
    variables = List.copyOf(variables);
  }

  /// Who gets them, in words.
  public String words() {
    var jobs = environment.isEmpty() ? "every job" : "jobs for " + environment;
    return jobs + (project.isEmpty() ? " of all projects" : " of " + project);
  }
}
