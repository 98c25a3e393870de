package dev.fairway.workflow;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Evaluates templates that must come to one kind of value.
final class Expected {
  /// The longest `timeout-minutes`: 30 days.
  static final int MAX_MINUTES = 30 * 24 * 60;

  private Expected() {}

  static boolean bool(Template template, Contexts contexts, String key) {
    return bool(template.evaluate(contexts), template.position(), key);
  }

  /// The flag with this key.
  ///
  /// @param otherwise what it is that nobody sets
  static boolean bool(Map<String, Tree.Member> members, String key, boolean otherwise) {
    return Optional.ofNullable(members.get(key))
        .map(member -> bool(member.value(), member.position(), key))
        .orElse(otherwise);
  }

  /// @param position of the mapping
  static Tree.Member required(Map<String, Tree.Member> members, String key, Position position) {
    return Optional.ofNullable(members.get(key))
        .orElseThrow(() -> new EvaluationException(position, Fields.missing(key)));
  }

  /// The text of a member; what has members of its own is none.
  static String text(Tree.Member member, String key) {
    if (Coercion.composite(member.value())) {
      throw new EvaluationException(
          member.position(),
          "A string was expected for '" + key + "', not " + member.value().kind());
    }
    return member.value().text();
  }

  /// The same, which must say something: an expression behind a key of the file may leave it empty,
  /// but who makes the key must mean it.
  ///
  /// @param advice what to do instead of making it empty
  static String nonEmpty(Tree.Member member, String key, String advice) {
    String text = text(member, key);
    if (text.isEmpty() && !member.written()) {
      throw new EvaluationException(
          member.position(), "Unexpected value '' for '%s'; %s".formatted(key, advice));
    }
    return text;
  }

  static boolean bool(Value value, Position position, String key) {
    if (value instanceof Value.Bool bool) {
      return bool.value();
    }
    throw new EvaluationException(
        position, "The value of '" + key + "' must be true or false, not " + value.kind());
  }

  /// Text that is a number is one too: the outputs of jobs and steps are nothing but text.
  static double number(Value value, Position position, String key) {
    double number = Coercion.number(value);
    if (Double.isNaN(number)) {
      throw noNumber(value, position, key);
    }
    return number;
  }

  static EvaluationException noNumber(Value value, Position position, String key) {
    return new EvaluationException(
        position, "The value of '" + key + "' must be a number, not " + value.kind());
  }

  static Duration minutes(Template template, Contexts contexts) {
    return minutes(template, contexts, "timeout-minutes");
  }

  static Duration minutes(Template template, Contexts contexts, String key) {
    double minutes = number(template.evaluate(contexts), template.position(), key);
    if (!isTimeout(minutes)) {
      throw new EvaluationException(
          template.position(),
          "The value of '" + key + "' must be more than 0 and at most " + MAX_MINUTES);
    }
    return Duration.ofMillis((long) (minutes * 60_000));
  }

  static boolean isCount(double number) {
    return number >= 1 && number == Math.rint(number);
  }

  static boolean isTimeout(double minutes) {
    return minutes > 0 && minutes <= MAX_MINUTES;
  }
}
