package dev.fairway.workflow;

import java.util.Map;
import java.util.Optional;

/// `environment` of a job: where it deploys to. The job waits for the rules of that environment and
/// sees its secrets and variables.
///
/// @param target the name; or a mapping, or an expression that makes one: `name`; `deployment`,
///   whether that it ran counts as a deployment to the environment; and a `url` that the file does
///   not have
/// @param url of what was deployed, where the file has it; its contexts are those of a step,
///   without secrets, and it is evaluated after the last step
public record TargetEnvironment(Tree target, Optional<Template> url) {
  static final String NAME = "name";
  static final String URL = "url";
  static final String DEPLOYMENT = "deployment";

  /// What the scheduler has to know before the job starts.
  public record Named(String name, boolean deployment) {}

  /// None if the name comes to nothing.
  Optional<Named> evaluate(Contexts contexts) {
    Map<String, Tree.Member> members = members(contexts);
    String name = Expected.text(Expected.required(members, NAME, target.position()), NAME).strip();
    Named named = new Named(name, Expected.bool(members, DEPLOYMENT, true));
    var _ = url(members);
    return name.isEmpty() ? Optional.empty() : Optional.of(named);
  }

  /// Where people find what was deployed; none if it comes to nothing.
  public Optional<String> url(Contexts contexts) {
    return url.map(template -> template.text(contexts))
        .or(() -> url(members(contexts)))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private Map<String, Tree.Member> members(Contexts contexts) {
    Map<String, Tree.Member> members = target.members(Shape.ENVIRONMENT, NAME, contexts);
    url.ifPresent(written -> {
      if (members.containsKey(URL)) {
        throw new EvaluationException(written.position(), Members.alreadyDefined(URL));
      }
    });
    return members;
  }

  private static Optional<String> url(Map<String, Tree.Member> members) {
    return Optional.ofNullable(members.get(URL)).map(member -> Expected.text(member, URL));
  }
}
