package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a job that calls another workflow, and checks what it gives against what the called one
/// defines.
final class CallReader {
  /// A secret that every workflow sees without being given it.
  private static final String TOKEN = "GITHUB_TOKEN";

  private final Problems problems;
  private final Scalars scalars;
  private final Calls calls;

  CallReader(Problems problems, Scalars scalars, Calls calls) {
    this.problems = problems;
    this.scalars = scalars;
    this.calls = calls;
  }

  Optional<Job.Call> read(Job.Header header, Fields fields) {
    Map<String, Template> with =
        fields.value("with").map(node -> named(node, Place.JOB)).orElse(Map.of());
    Job.Secrets secrets =
        fields
            .value("secrets")
            .map(this::secrets)
            .orElseGet(() -> new Job.Secrets.Mapping(Map.of()));
    Optional<Yaml> uses = fields.required("uses");
    Optional<WorkflowReference> reference = uses.flatMap(this::reference);
    if (reference.isEmpty()) {
      return Optional.empty();
    }
    Position position = uses.orElseThrow().position();
    Optional<Workflow> called = calls.find(reference.get(), position, problems);
    called
        .flatMap(Workflow::callable)
        .ifPresent(definition -> check(definition, position, with, secrets));
    return Optional.of(new Job.Call(header, reference.get(), position, with, secrets, called));
  }

  private Optional<WorkflowReference> reference(Yaml node) {
    Optional<String> text = scalars.word(node);
    Optional<String> problem = text.flatMap(WorkflowReference::problem);
    problem.ifPresent(why -> problems.error(node.position(), why));
    return problem.isPresent() ? Optional.empty() : text.map(WorkflowReference::new);
  }

  private Job.Secrets secrets(Yaml node) {
    if (node instanceof Yaml.Mapping) {
      return new Job.Secrets.Mapping(named(node, Place.JOB_ENV));
    }
    Optional<String> word = scalars.constant(node);
    if (word.isPresent() && !word.get().equals("inherit")) {
      problems.error(node.position(), "Unexpected value '" + word.get() + "'");
    }
    return new Job.Secrets.Inherit();
  }

  private Map<String, Template> named(Yaml node, Place place) {
    Map<String, Template> values = new LinkedHashMap<>();
    Fields.mapping(node, problems)
        .ifPresent(mapping -> {
          for (Yaml.Pair pair : mapping.pairs()) {
            scalars
                .word(pair.key())
                .ifPresent(name ->
                    scalars
                        .template(pair.value(), Optional.of(place))
                        .ifPresent(value -> values.put(name, value)));
          }
        });
    return values;
  }

  private void check(
      CallDefinition definition,
      Position position,
      Map<String, Template> with,
      Job.Secrets secrets) {
    Map<String, CallDefinition.Input> inputs = ignoringCase(definition.inputs());
    with.forEach((name, template) -> input(name, template, inputs));
    Set<String> given = ignoringCase(with).keySet();
    for (String name : definition.requiredInputs()) {
      if (!given.contains(name)) {
        problems.error(position, "Input " + name + " is required, but not provided while calling.");
      }
    }
    if (secrets instanceof Job.Secrets.Mapping mapping) {
      secrets(definition, position, mapping.templates());
    }
  }

  private void input(
      String name, Template template, Map<String, CallDefinition.Input> definitions) {
    CallDefinition.Input input = definitions.get(name);
    if (input == null) {
      problems.error(
          template.position(),
          "Invalid input, " + name + " is not defined in the referenced workflow.");
      return;
    }
    boolean mixed = template.parts().size() > 1;
    Optional<Value> fixed = template.constant();
    boolean wrong =
        fixed.map(value -> input.of(value).isEmpty()).orElse(false)
            || (mixed && input.of(Value.of("")).isEmpty());
    if (wrong) {
      problems.error(
          template.position(),
          "Unexpected value '%s'. The input %s is a %s"
              .formatted(template, name, input.type().word()));
    }
  }

  private void secrets(CallDefinition definition, Position position, Map<String, Template> given) {
    Set<String> known = ignoringCase(definition.secrets()).keySet();
    given.forEach((name, template) -> {
      if (!known.contains(name) && !name.equalsIgnoreCase(TOKEN)) {
        problems.error(
            template.position(),
            "Invalid secret, " + name + " is not defined in the referenced workflow.");
      }
    });
    Set<String> names = ignoringCase(given).keySet();
    for (String name : definition.requiredSecrets()) {
      if (!names.contains(name)) {
        problems.error(
            position, "Secret " + name + " is required, but not provided while calling.");
      }
    }
  }

  private static <T> Map<String, T> ignoringCase(Map<String, T> map) {
    Map<String, T> copy = Value.caseInsensitiveMap();
    copy.putAll(map);
    return copy;
  }
}
