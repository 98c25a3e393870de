package dev.fairway.workflow;

import java.util.List;

/// A YAML node with its place in the file. Aliases are resolved: both places show the anchored
/// node.
sealed interface Yaml {
  Position position();

  /// @param value null, a boolean or a number for plain scalars of that form (YAML 1.2 core
  ///   schema), else a string
  /// @param raw as written, for messages and for keys
  record Scalar(Position position, Value value, String raw) implements Yaml {}

  record Sequence(Position position, List<Yaml> items) implements Yaml {}

  record Mapping(Position position, List<Pair> pairs) implements Yaml {}

  record Pair(Scalar key, Yaml value) {}

  /// Whether there is nothing, as after a key without a value.
  default boolean isNull() {
    return this instanceof Scalar scalar && scalar.value() instanceof Value.Null;
  }
}
