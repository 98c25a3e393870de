package dev.fairway.workflow;

import java.util.Optional;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/// Finds where the text of a scalar stands in its file. A plain or quoted scalar must stand on one
/// line, without escapes; a literal block must find its indentation by itself.
final class ScalarText {
  private final String source;

  /// UTF-16 offset by code point, where the two differ.
  private final int[] offsets;

  ScalarText(String source) {
    this.source = source;
    int codePoints = source.codePointCount(0, source.length());
    this.offsets = new int[codePoints == source.length() ? 0 : codePoints + 1];
    for (int i = 0, at = 0; i < offsets.length; i++) {
      offsets[i] = at;
      at += at < source.length() ? Character.charCount(source.codePointAt(at)) : 0;
    }
  }

  Optional<Yaml.Text> of(ScalarEvent event, Position position, String text) {
    int at = event.getStartMark().map(mark -> offset(mark.getIndex())).orElse(-1);
    if (at < 0 || text.isEmpty()) {
      return Optional.empty();
    }
    return switch (event.getScalarStyle()) {
      case PLAIN -> line(at, position, text);
      case SINGLE_QUOTED, DOUBLE_QUOTED, JSON_SCALAR_STYLE ->
          line(at + 1, new Position(position.line(), position.column() + 1), text);
      case LITERAL -> block(at, position);
      case FOLDED -> Optional.empty();
    };
  }

  private int offset(int codePoint) {
    return offsets.length == 0 ? codePoint : offsets[Math.min(codePoint, offsets.length - 1)];
  }

  private Optional<Yaml.Text> line(int at, Position first, String text) {
    return source.startsWith(text, at)
        ? Optional.of(new Yaml.Text(first, false))
        : Optional.empty();
  }

  private Optional<Yaml.Text> block(int at, Position position) {
    int end = source.indexOf('\n', at);
    // A digit in the header says the indentation in terms of what is around the block.
    if (end < 0
        || source.substring(at, Math.min(end, at + 3)).chars().anyMatch(Character::isDigit)) {
      return Optional.empty();
    }
    for (int line = end + 1; line < source.length(); line = end + 1) {
      end = source.indexOf('\n', line);
      end = end < 0 ? source.length() : end;
      int indent = line;
      while (indent < end && source.charAt(indent) == ' ') {
        indent++;
      }
      if (indent < end && source.charAt(indent) != '\r') {
        return Optional.of(
            new Yaml.Text(new Position(position.line() + 1, indent - line + 1), true));
      }
    }
    return Optional.empty();
  }
}
