package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;

/// Reads scalars of a workflow: strings, booleans, numbers, and the expressions in them.
final class Scalars {
  private static final String OPEN = "${{";
  private static final String CLOSE = "}}";
  private static final String INSERT = "insert";

  static final String NO_EXPRESSION = "A template expression is not allowed in this context";

  private final Problems problems;

  Scalars(Problems problems) {
    this.problems = problems;
  }

  /// Any scalar; without a place, one without expressions.
  Optional<Template> template(Yaml node, Optional<Place> place) {
    return scalar(node)
        .flatMap(scalar ->
            scalar.value() instanceof Value.Str string
                ? parts(scalar, string.value(), place)
                : Optional.of(Template.fixed(scalar.position(), scalar.value())));
  }

  /// A scalar that is used as text, and must not be empty.
  Optional<Template> text(Yaml node, Place place) {
    return nonEmpty(node, Optional.of(place));
  }

  /// The same; without a place, one without expressions.
  Optional<Template> nonEmpty(Yaml node, Optional<Place> place) {
    Optional<Template> template = template(node, place);
    if (template.flatMap(Template::constant).map(Value::text).filter(String::isEmpty).isPresent()) {
      problems.error(node.position(), "Unexpected value ''");
      return Optional.empty();
    }
    return template;
  }

  /// Text without expressions, which may be empty.
  Optional<String> constant(Yaml node) {
    return template(node, Optional.empty()).flatMap(Template::constant).map(Value::text);
  }

  /// Text without expressions that says something.
  Optional<String> word(Yaml node) {
    Optional<String> word = constant(node);
    if (word.filter(String::isEmpty).isPresent()) {
      problems.error(node.position(), "Unexpected value ''");
      return Optional.empty();
    }
    return word;
  }

  /// One word or a sequence of words.
  List<Yaml> items(Yaml node) {
    return node instanceof Yaml.Sequence sequence ? sequence.items() : List.of(node);
  }

  /// `true` or `false` without an expression.
  Optional<Boolean> fixedBool(Yaml node) {
    Optional<Value> value = template(node, Optional.empty()).flatMap(Template::constant);
    if (value.isPresent() && value.get() instanceof Value.Bool bool) {
      return Optional.of(bool.value());
    }
    if (value.isPresent()) {
      problems.error(
          node.position(),
          "Unexpected value '" + ((Yaml.Scalar) node).raw() + "'. Expected true or false");
    }
    return Optional.empty();
  }

  Optional<Template> bool(Yaml node, Place place) {
    return ofKind(node, place, Value.Bool.class, "true or false");
  }

  private Optional<Template> number(Yaml node, Place place) {
    return ofKind(node, place, Value.Num.class, "a number");
  }

  /// A number that, where it is known already, lies in a range.
  private Optional<Template> number(Yaml node, Place place, DoublePredicate good, String range) {
    Optional<Template> number = number(node, place);
    boolean wrong =
        number
            .flatMap(Template::constant)
            .filter(value -> !good.test(Coercion.number(value)))
            .isPresent();
    if (wrong) {
      problems.refuse(
          node.position(), "Unexpected value '" + ((Yaml.Scalar) node).raw() + "'. " + range);
    }
    return number;
  }

  /// A `timeout-minutes`.
  Optional<Template> minutes(Yaml node, Place place) {
    return number(
        node,
        place,
        Expected::isTimeout,
        "Expected more than 0 and at most " + Expected.MAX_MINUTES + " minutes");
  }

  /// A `max-parallel`.
  Optional<Template> count(Yaml node, Place place) {
    return number(node, place, Expected::isCount, "Expected a whole number of at least 1");
  }

  private Optional<Template> ofKind(
      Yaml node, Place place, Class<? extends Value> kind, String expected) {
    Optional<Template> template = template(node, Optional.of(place));
    if (template.isEmpty()) {
      return template;
    }
    Optional<Value> constant = template.get().constant();
    boolean mixed = template.get().parts().size() > 1;
    if (mixed || constant.filter(value -> !kind.isInstance(value)).isPresent()) {
      problems.error(
          node.position(),
          "Unexpected value '" + ((Yaml.Scalar) node).raw() + "'. Expected " + expected);
      return Optional.empty();
    }
    return template;
  }

  /// An `if`: an expression with or without `${{ }}` around it.
  Optional<Condition> condition(Yaml node, Place place) {
    Optional<Yaml.Scalar> scalar = scalar(node);
    if (scalar.isEmpty() || scalar.get().value() instanceof Value.Null) {
      return scalar.map(_ -> Condition.SUCCESS);
    }
    String text = scalar.get().value().text();
    if (text.isBlank()) {
      problems.warning(
          node.position(),
          Rule.NO_EFFECT,
          "An empty condition changes nothing; it means success()");
      return Optional.of(Condition.SUCCESS);
    }
    Optional<String> literal = literal(text);
    if (literal.isPresent() || !text.contains(OPEN)) {
      return expression(scalar.get(), literal.orElse(text), 0, Optional.of(place))
          .map(part -> new Condition(new Template(node.position(), List.of(part))));
    }
    Optional<Template> template = parts(scalar.get(), text, Optional.of(place));
    if (template.filter(whole -> whole.parts().size() > 1).isPresent()) {
      problems.warning(
          node.position(),
          Rule.EXPRESSION,
          "This condition is always true: text around ${{ }}, be it a blank, makes it a non-empty"
              + " string. Write the whole condition inside one ${{ }}, or without it");
    }
    return template.map(Condition::new);
  }

  /// Whether an expression is written in it, good or not.
  static boolean holdsExpression(Yaml.Scalar scalar) {
    return scalar.raw().contains(OPEN);
  }

  /// Whether a key of a mapping is `${{ insert }}`.
  static boolean isInsert(Yaml.Scalar key) {
    String raw = key.raw().strip();
    return raw.startsWith(OPEN)
        && raw.endsWith(CLOSE)
        && raw.substring(OPEN.length(), raw.length() - CLOSE.length()).strip().equals(INSERT);
  }

  Optional<Yaml.Scalar> scalar(Yaml node) {
    return switch (node) {
      case Yaml.Scalar scalar -> Optional.of(scalar);
      case Yaml.Sequence _ -> {
        problems.error(node.position(), "A sequence was not expected");
        yield Optional.empty();
      }
      case Yaml.Mapping _ -> {
        problems.error(node.position(), "A mapping was not expected");
        yield Optional.empty();
      }
    };
  }

  /// An expression that is one string is that string, everywhere: so people write `${{` as it is.
  private static Optional<String> literal(String text) {
    if (!text.startsWith(OPEN) || !text.endsWith(CLOSE)) {
      return Optional.empty();
    }
    String inner = Lexer.strip(text.substring(OPEN.length(), text.length() - CLOSE.length()));
    if (inner.length() < 2 || !inner.startsWith("'") || !inner.endsWith("'")) {
      return Optional.empty();
    }
    String content = inner.substring(1, inner.length() - 1);
    return content.replace("''", "").contains("'")
        ? Optional.empty()
        : Optional.of(content.replace("''", "'"));
  }

  private Optional<Template> parts(Yaml.Scalar scalar, String text, Optional<Place> place) {
    if (!text.contains(OPEN)) {
      return Optional.of(Template.fixed(scalar.position(), new Value.Str(text)));
    }
    Optional<String> literal = literal(text);
    if (literal.isPresent()) {
      return literal.map(one -> Template.fixed(scalar.position(), new Value.Str(one)));
    }
    if (place.isEmpty()) {
      problems.error(scalar.position(), NO_EXPRESSION);
      return Optional.empty();
    }
    if (text.length() > Expression.MAX_LENGTH) {
      problems.error(
          scalar.position(),
          "Exceeded max expression length "
              + Expression.MAX_LENGTH
              + ". This counts the whole text around ${{ }}; pass values through env instead");
      return Optional.empty();
    }
    List<Template.Part> parts = new ArrayList<>();
    boolean good = true;
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf(OPEN, at);
      if (open < 0) {
        parts.add(new Template.Part.Fixed(new Value.Str(text.substring(at))));
        break;
      }
      if (open > at) {
        parts.add(new Template.Part.Fixed(new Value.Str(text.substring(at, open))));
      }
      int close = closing(text, open + OPEN.length());
      if (close < 0) {
        problems.error(
            scalar.atLine(open),
            "The expression is not closed. An unescaped ${{ sequence was found, but the closing }}"
                + " sequence was not found.");
        return Optional.empty();
      }
      String inner = Lexer.strip(text.substring(open + OPEN.length(), close));
      Optional<Template.Part> part = expression(scalar, inner, open, place);
      part.ifPresent(parts::add);
      good &= part.isPresent();
      at = close + CLOSE.length();
    }
    return good ? Optional.of(new Template(scalar.position(), parts)) : Optional.empty();
  }

  /// The next `}}` outside a string literal.
  private static int closing(String text, int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == '\'') {
        quoted = !quoted;
      } else if (!quoted && text.startsWith(CLOSE, i)) {
        return i;
      }
    }
    return -1;
  }

  /// @param offset where it, or its `${{`, begins in the text of the scalar
  private Optional<Template.Part> expression(
      Yaml.Scalar scalar, String source, int offset, Optional<Place> place) {
    if (source.isBlank()) {
      problems.error(scalar.atLine(offset), "An expression was expected");
      return Optional.empty();
    }
    if (source.equals(INSERT)) {
      problems.error(
          scalar.atLine(offset),
          "The directive 'insert' is not allowed in this context. Directives are not supported for"
              + " expressions that are embedded within a string. Directives are only supported"
              + " when the entire value is an expression.");
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Template.Part.Embedded(
              Expression.parse(source, place.orElseThrow()), scalar.at(offset)));
    } catch (ExpressionSyntaxException e) {
      problems.error(scalar.atLine(offset), e.reason());
      return Optional.empty();
    }
  }
}
