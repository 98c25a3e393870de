package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The inputs of a run that is started by hand, after they met their definitions.
public sealed interface Inputs {

  /// The `inputs` context, with defaults filled in and each value of its type.
  record Accepted(Value.Obj values) implements Inputs {}

  /// What is wrong with them, one sentence each.
  record Rejected(List<String> problems) implements Inputs {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }

  static Inputs check(Map<String, InputDefinition> definitions, Map<String, String> given) {
    List<String> problems = new ArrayList<>();
    Map<String, Value> values = new LinkedHashMap<>();
    Map<String, String> left = Value.caseInsensitiveMap();
    left.putAll(given);
    definitions.forEach((name, definition) -> {
      Optional<String> text = Optional.ofNullable(left.remove(name)).or(definition::defaultValue);
      if (definition.required() && text.filter(value -> !value.isEmpty()).isEmpty()) {
        problems.add("Input '" + name + "' is required, but was not given.");
      } else {
        definition.value(name, text.orElse(""), problems).ifPresent(v -> values.put(name, v));
      }
    });
    left.keySet()
        .forEach(name ->
            problems.add(
                "The workflow has no input '"
                    + name
                    + "'. It has: "
                    + (definitions.isEmpty() ? "none" : String.join(", ", definitions.keySet()))
                    + "."));
    return problems.isEmpty() ? new Accepted(new Value.Obj(values)) : new Rejected(problems);
  }
}
