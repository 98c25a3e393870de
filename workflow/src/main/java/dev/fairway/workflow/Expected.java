package dev.fairway.workflow;

import java.time.Duration;

/// Evaluates templates that must come to one kind of value.
final class Expected {
  /// The longest `timeout-minutes`: 30 days.
  static final int MAX_MINUTES = 30 * 24 * 60;

  private Expected() {}

  static boolean bool(Template template, Contexts contexts, String key) {
    if (template.evaluate(contexts) instanceof Value.Bool bool) {
      return bool.value();
    }
    throw new EvaluationException(
        template.position(), "The value of '" + key + "' must be true or false");
  }

  static double number(Template template, Contexts contexts, String key) {
    double number = Coercion.number(template.evaluate(contexts));
    if (Double.isNaN(number)) {
      throw new EvaluationException(
          template.position(), "The value of '" + key + "' must be a number");
    }
    return number;
  }

  static Duration minutes(Template template, Contexts contexts) {
    return minutes(template, contexts, "timeout-minutes");
  }

  static Duration minutes(Template template, Contexts contexts, String key) {
    double minutes = number(template, contexts, key);
    if (!isTimeout(minutes)) {
      throw new EvaluationException(
          template.position(),
          "The value of '" + key + "' must be more than 0 and at most " + MAX_MINUTES);
    }
    return Duration.ofMillis((long) (minutes * 60_000));
  }

  static boolean isTimeout(double minutes) {
    return minutes > 0 && minutes <= MAX_MINUTES;
  }
}
