package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// A YAML node with its place in the file. Aliases are resolved: both places show the anchored
/// node.
sealed interface Yaml {
  Position position();

  /// @param value null, a boolean or a number for plain scalars of that form (YAML 1.2 core
  ///   schema), else a string
  /// @param raw as written, for messages and for keys
  /// @param text where its text stands, if that is known
  record Scalar(Position position, Value value, String raw, Optional<Text> text) implements Yaml {
    Scalar(Position position, Value value, String raw) {
      this(position, value, raw, Optional.empty());
    }

    /// Where a character of the text stands; where the scalar begins if that is not known.
    Position at(int offset) {
      return text.map(place -> place.of(raw, offset)).orElse(position);
    }

    /// The same in a block; for text on one line the place of the scalar, as the official parser
    /// has it.
    Position atLine(int offset) {
      return text.filter(Text::block).map(place -> place.of(raw, offset)).orElse(position);
    }
  }

  /// Where the text of a scalar stands, character by character as it is written.
  ///
  /// @param first the place of its first character
  /// @param block whether it is a block, whose lines all begin in the same column
  record Text(Position first, boolean block) {
    private Position of(String text, int offset) {
      int line = 0;
      int start = 0;
      for (int next = text.indexOf('\n');
          next >= 0 && next < offset;
          next = text.indexOf('\n', start)) {
        line++;
        start = next + 1;
      }
      return new Position(first.line() + line, first.column() + text.codePointCount(start, offset));
    }
  }

  record Sequence(Position position, List<Yaml> items) implements Yaml {}

  record Mapping(Position position, List<Pair> pairs) implements Yaml {}

  record Pair(Scalar key, Yaml value) {}

  /// Whether there is nothing, as after a key without a value.
  default boolean isNull() {
    return this instanceof Scalar scalar && scalar.value() instanceof Value.Null;
  }
}
