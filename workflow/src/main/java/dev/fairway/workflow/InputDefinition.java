package dev.fairway.workflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One input of `workflow_dispatch`.
///
/// @param options what a choice offers; empty for the other types
public record InputDefinition(
    String description,
    boolean required,
    Type type,
    Optional<String> defaultValue,
    List<String> options) {

  /// What an input may be.
  public enum Type {
    STRING("string"),
    BOOLEAN("boolean"),
    NUMBER("number"),
    CHOICE("choice"),
    /// The name of one of Fairway's environments, a string to this module.
    ENVIRONMENT("environment");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  public InputDefinition {
    options = List.copyOf(options);
  }

  /// The typed value, or empty with a problem added.
  Optional<Value> value(String name, String text, Map<String, String> problems) {
    return switch (type) {
      case STRING, ENVIRONMENT -> Optional.of(new Value.Str(text));
      case BOOLEAN ->
          switch (text) {
            case "true" -> Optional.of(Value.of(true));
            case "false", "" -> Optional.of(Value.of(false));
            case String _ -> {
              problems.put(name, "Input '" + name + "' must be true or false, not '" + text + "'.");
              yield Optional.empty();
            }
          };
      case NUMBER -> {
        double number = Coercion.number(new Value.Str(text));
        if (Double.isNaN(number) || Double.isInfinite(number)) {
          problems.put(name, "Input '" + name + "' must be a number, not '" + text + "'.");
          yield Optional.empty();
        }
        yield Optional.of(new Value.Num(number));
      }
      case CHOICE -> {
        if (!options.contains(text) && !text.isEmpty()) {
          problems.put(
              name,
              "Input '"
                  + name
                  + "' must be one of "
                  + String.join(", ", options)
                  + ", not '"
                  + text
                  + "'.");
          yield Optional.empty();
        }
        yield Optional.of(new Value.Str(text));
      }
    };
  }
}
