package dev.fairway.workflow;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// The functions of the language and how many arguments they take. Names ignore case.
public enum Function {
  CONTAINS("contains", 2, 2),
  STARTS_WITH("startsWith", 2, 2),
  ENDS_WITH("endsWith", 2, 2),
  FORMAT("format", 1, 255),
  JOIN("join", 1, 2),
  TO_JSON("toJSON", 1, 1),
  FROM_JSON("fromJSON", 1, 1),
  CASE("case", 3, 255),
  HASH_FILES("hashFiles", 1, 255),
  ALWAYS("always", 0, 0),
  SUCCESS("success", 0, 255),
  FAILURE("failure", 0, 255),
  CANCELLED("cancelled", 0, 0);

  private static final Map<String, Function> BY_NAME =
      Arrays.stream(values())
          .collect(
              Collectors.toUnmodifiableMap(
                  function -> function.word.toLowerCase(Locale.ROOT), UnaryOperator.identity()));

  private final String word;
  private final int fewest;
  private final int most;

  Function(String word, int fewest, int most) {
    this.word = word;
    this.fewest = fewest;
    this.most = most;
  }

  static Optional<Function> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
  }

  public String word() {
    return word;
  }

  int fewest() {
    return fewest;
  }

  int most() {
    return most;
  }

  /// Functions whose value depends on what ran before: a condition that uses one decides alone.
  boolean status() {
    return switch (this) {
      case ALWAYS, SUCCESS, FAILURE, CANCELLED -> true;
      case CONTAINS, STARTS_WITH, ENDS_WITH, FORMAT, JOIN, TO_JSON, FROM_JSON, CASE, HASH_FILES ->
          false;
    };
  }

  /// Functions that every expression may use.
  boolean general() {
    return !status() && this != HASH_FILES;
  }
}
