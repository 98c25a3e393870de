package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `workflow_call` says about a workflow that others call. Names ignore case.
public record CallDefinition(
    Map<String, Input> inputs, Map<String, Secret> secrets, Map<String, Output> outputs) {
  static final CallDefinition NONE = new CallDefinition(Map.of(), Map.of(), Map.of());

  /// @param type string, boolean or number
  /// @param defaultValue evaluated with `github`, `vars` and the `inputs` before it
  public record Input(
      String description,
      boolean required,
      InputDefinition.Type type,
      Optional<Template> defaultValue) {

    /// What an input is that nobody sets.
    private Value nothing() {
      return switch (type) {
        case STRING, CHOICE, ENVIRONMENT -> Value.of("");
        case BOOLEAN -> Value.of(false);
        case NUMBER -> Value.of(0);
      };
    }

    /// The value as one of this type; none if it is not.
    Optional<Value> of(Value value) {
      return switch (type) {
        case STRING, CHOICE, ENVIRONMENT ->
            Coercion.composite(value) ? Optional.empty() : Optional.of(Value.of(value.text()));
        case BOOLEAN -> Optional.of(value).filter(Value.Bool.class::isInstance);
        case NUMBER -> Optional.of(value).filter(Value.Num.class::isInstance);
      };
    }
  }

  /// A secret that the workflow asks for.
  public record Secret(String description, boolean required) {}

  /// @param value evaluated with `github`, `vars`, `inputs` and `jobs` after the last job
  public record Output(String description, Template value) {}

  public CallDefinition {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    secrets = Collections.unmodifiableMap(new LinkedHashMap<>(secrets));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /// The `inputs` context of a call.
  ///
  /// @param given `with` of the caller
  /// @param caller what the caller's expressions see
  /// @throws EvaluationException if a value is not of its type
  Value.Obj inputs(Map<String, Template> given, Contexts caller) {
    Map<String, Template> left = Value.caseInsensitiveMap();
    left.putAll(given);
    Value.Obj values = Value.object();
    for (Map.Entry<String, Input> entry : inputs.entrySet()) {
      Input input = entry.getValue();
      Template template = left.get(entry.getKey());
      Contexts seen = template == null ? caller.with("inputs", values) : caller;
      Value value =
          Optional.ofNullable(template)
              .or(input::defaultValue)
              .map(one -> typed(entry.getKey(), input, one, seen))
              .orElseGet(input::nothing);
      values = values.with(entry.getKey(), value);
    }
    return values;
  }

  private static Value typed(String name, Input input, Template template, Contexts contexts) {
    Value value = template.evaluate(contexts);
    return input
        .of(value)
        .orElseThrow(() ->
            new EvaluationException(
                template.position(),
                "The input '%s' must be a %s, not %s"
                    .formatted(name, input.type().word(), value.toCompactJson())));
  }

  /// The outputs of a call whose jobs have ended.
  Map<String, String> outputs(Contexts contexts) {
    Map<String, String> values = new LinkedHashMap<>();
    outputs.forEach((name, output) -> values.put(name, output.value().text(contexts)));
    return values;
  }

  List<String> requiredInputs() {
    List<String> names = new ArrayList<>();
    inputs.forEach((name, input) -> {
      if (input.required()) {
        names.add(name);
      }
    });
    return names;
  }

  List<String> requiredSecrets() {
    List<String> names = new ArrayList<>();
    secrets.forEach((name, secret) -> {
      if (secret.required()) {
        names.add(name);
      }
    });
    return names;
  }
}
