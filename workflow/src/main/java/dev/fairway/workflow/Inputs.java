package dev.fairway.workflow;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The inputs of a run that is started by hand, after they met their definitions.
public sealed interface Inputs {

  /// The `inputs` context, with defaults filled in and each value of its type.
  record Accepted(Value.Obj values) implements Inputs {}

  /// What is wrong with them: a sentence by the name of each input, in the order of the file.
  record Rejected(SequencedMap<String, String> byInput) implements Inputs {
    public Rejected {
      byInput = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byInput));
    }

    public List<String> problems() {
      return List.copyOf(byInput.values());
    }
  }

  static Inputs check(Map<String, InputDefinition> definitions, Map<String, String> given) {
    SequencedMap<String, String> problems = new LinkedHashMap<>();
    Map<String, Value> values = new LinkedHashMap<>();
    Map<String, String> left = Value.caseInsensitiveMap();
    left.putAll(given);
    definitions.forEach((name, definition) -> {
      Optional<String> text = Optional.ofNullable(left.remove(name)).or(definition::defaultValue);
      if (definition.required() && text.filter(value -> !value.isEmpty()).isEmpty()) {
        problems.put(name, "Input '" + name + "' is required, but was not given.");
      } else {
        definition.value(name, text.orElse(""), problems).ifPresent(v -> values.put(name, v));
      }
    });
    left.keySet()
        .forEach(name ->
            problems.put(
                name,
                "The workflow has no input '"
                    + name
                    + "'. It has: "
                    + (definitions.isEmpty() ? "none" : String.join(", ", definitions.keySet()))
                    + "."));
    return problems.isEmpty() ? new Accepted(new Value.Obj(values)) : new Rejected(problems);
  }
}
