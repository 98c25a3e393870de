package dev.fairway.cli;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a secret or variable holds.
final class ScopeOptions {
  @Option(
      names = "--project",
      paramLabel = "NAME",
      description = "For jobs of that project; otherwise of all of them.")
  @Nullable String project;

  @Option(
      names = "--environment",
      paramLabel = "NAME",
      description = "For jobs that name that environment; otherwise for every job.")
  @Nullable String environment;

  /// The query that names the scope, with its question mark; empty for the organisation.
  String query() {
    var parts = new ArrayList<String>();
    if (project != null) {
      parts.add("project=" + ApiClient.segment(project));
    }
    if (environment != null) {
      parts.add("environment=" + ApiClient.segment(environment));
    }
    return parts.isEmpty() ? "" : "?" + String.join("&", parts);
  }

  /// For people, such as `till in production`.
  String words() {
    var where = environment == null ? "" : " in " + environment;
    return (project == null ? "all projects" : project) + where;
  }
}
