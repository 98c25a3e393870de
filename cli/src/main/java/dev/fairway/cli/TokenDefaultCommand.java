package dev.fairway.cli;

import java.util.HashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What the tokens of jobs may do where a workflow says nothing.
@Command(
    name = "token-default",
    description =
        "Show or decide what the token of a job may do where its workflow has no permissions.",
    mixinStandardHelpOptions = true)
final class TokenDefaultCommand extends RemoteCommand {
  /// The word for no decision.
  private static final String INHERIT = "inherit";

  @Option(
      names = "--project",
      paramLabel = "NAME",
      description = "For jobs of that project; otherwise for all that decide nothing themselves.")
  private @Nullable String project;

  @Parameters(
      arity = "0..1",
      paramLabel = "LEVEL",
      description = "read, write or inherit; shows what holds where it is missing.")
  private @Nullable String level;

  @Override
  int ask(ApiClient api) {
    var path =
        "/api/v1/token-default" + (project == null ? "" : "?project=" + ApiClient.segment(project));
    var answer = level == null ? api.get(path) : api.put(path, body(level));
    var where = project == null ? "all projects" : project;
    var decided = answer.path("level").isNull() ? ", as nothing is decided there" : "";
    return say(
        answer,
        "Tokens of jobs in %s: %s%s."
            .formatted(where, answer.path("effective").asString(), decided));
  }

  private static HashMap<String, @Nullable String> body(String level) {
    var body = new HashMap<String, @Nullable String>();
    body.put("level", level.equals(INHERIT) ? null : level);
    return body;
  }
}
