package dev.fairway.workflow;

import java.time.Duration;

/// Evaluates templates that must come to one kind of value.
final class Expected {
  /// The longest `timeout-minutes`: 30 days.
  static final int MAX_MINUTES = 30 * 24 * 60;

  private Expected() {}

  static boolean bool(Template template, Contexts contexts, String key) {
    return bool(template.evaluate(contexts), template.position(), key);
  }

  /// A name; what has members is none.
  ///
  /// @param key whose name it is
  static String name(Template template, Contexts contexts, String key) {
    Value value = template.evaluate(contexts);
    if (Coercion.composite(value)) {
      throw new EvaluationException(
          template.position(),
          "A name was expected for '%s', not %s; write its keys into the file, each with an expression of its own"
              .formatted(key, value.kind()));
    }
    return value.text();
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
