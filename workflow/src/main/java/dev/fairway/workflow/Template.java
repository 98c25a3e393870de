package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// A scalar of a workflow: fixed text, or text with `${{ }}` expressions in it, or one expression
/// alone, which keeps the kind of its value.
public record Template(Position position, List<Part> parts) {

  /// A stretch of a template.
  public sealed interface Part {
    record Fixed(Value value) implements Part {}

    /// @param position where it stands, as exactly as that is known
    record Embedded(Expression expression, Position position) implements Part {}
  }

  public Template {
    parts = List.copyOf(parts);
  }

  static Template fixed(Position position, Value value) {
    return new Template(position, List.of(new Part.Fixed(value)));
  }

  /// Its value where it holds no expression.
  public Optional<Value> constant() {
    if (parts.isEmpty()) {
      return Optional.of(Value.of(""));
    }
    return parts.size() == 1 && parts.getFirst() instanceof Part.Fixed fixed
        ? Optional.of(fixed.value())
        : Optional.empty();
  }

  /// The value of a single part as it is; of several parts, their text one after the other.
  public Value evaluate(Contexts contexts) {
    try {
      if (parts.size() == 1) {
        return evaluate(parts.getFirst(), contexts);
      }
      StringBuilder text = new StringBuilder();
      for (Part part : parts) {
        text.append(evaluate(part, contexts).text());
        if (text.length() > Evaluator.MAX_BYTES) {
          throw new EvaluationException("The maximum allowed memory size was exceeded");
        }
      }
      return new Value.Str(text.toString());
    } catch (EvaluationException e) {
      throw e.at(position);
    }
  }

  public String text(Contexts contexts) {
    return evaluate(contexts).text();
  }

  private static Value evaluate(Part part, Contexts contexts) {
    return switch (part) {
      case Part.Fixed fixed -> fixed.value();
      case Part.Embedded embedded -> embedded.expression().evaluate(contexts);
    };
  }

  boolean asksForStatus() {
    return parts.stream()
        .anyMatch(part ->
            part instanceof Part.Embedded embedded && embedded.expression().asksForStatus());
  }

  /// The text as its author wrote it, for names that cannot be evaluated yet.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Fixed fixed -> text.append(escaped(fixed.value().text()));
        case Part.Embedded embedded ->
            text.append("${{ ").append(embedded.expression().source()).append(" }}");
      }
    }
    return text.toString();
  }

  private static String escaped(String text) {
    return text.contains("${{") ? "${{ '" + text.replace("'", "''") + "' }}" : text;
  }
}
