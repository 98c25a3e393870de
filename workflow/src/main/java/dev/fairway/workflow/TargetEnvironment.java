package dev.fairway.workflow;

import java.util.Optional;

/// `environment` of a job: where it deploys to. The job waits for the rules of that environment and
/// sees its secrets and variables.
///
/// @param url of what was deployed; its contexts are those of a step, without secrets, and it is
///   evaluated after the last step
/// @param deployment whether that it ran counts as a deployment to the environment
public record TargetEnvironment(Template name, Optional<Template> url, Template deployment) {

  /// What the scheduler has to know before the job starts.
  public record Named(String name, boolean deployment) {}

  /// None if the name comes to nothing.
  Optional<Named> evaluate(Contexts contexts) {
    String text = Expected.name(name, contexts, "environment").strip();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(new Named(text, Expected.bool(deployment, contexts, "deployment")));
  }

  /// Where people find what was deployed; none if it comes to nothing.
  public Optional<String> url(Contexts contexts) {
    return url.map(template -> template.text(contexts).strip()).filter(text -> !text.isEmpty());
  }
}
