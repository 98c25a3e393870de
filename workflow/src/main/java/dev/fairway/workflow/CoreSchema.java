package dev.fairway.workflow;

import java.util.Optional;
import java.util.regex.Pattern;

/// The scalars of the YAML 1.2 core schema.
final class CoreSchema {
  static final String PREFIX = "tag:yaml.org,2002:";

  private static final Pattern INTEGER =
      Pattern.compile("[-+]?[0-9]+|0x[0-9a-fA-F]{1,8}|0o[0-7]{1,10}");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");

  /// Numbers in hexadecimal and octal have 32 bits.
  private static final Pattern BEYOND =
      Pattern.compile("0x0*[1-9a-fA-F][0-9a-fA-F]{8,}|0o0*(?:[4-7][0-7]{10}|[1-7][0-7]{11,})");

  private CoreSchema() {}

  /// Whether it has the form of an integer and is larger than one may be.
  static boolean beyondInteger(String text) {
    return text.startsWith("0") && BEYOND.matcher(text).matches();
  }

  /// Whether a scalar may have this tag.
  static boolean knows(String tag) {
    return switch (tag) {
      case PREFIX + "null", PREFIX + "bool", PREFIX + "int", PREFIX + "float" -> true;
      case String _ -> false;
    };
  }

  /// What a plain scalar without a tag is.
  static Value plain(String text) {
    if (!special(text)) {
      return new Value.Str(text);
    }
    return nothing(text)
        .or(() -> bool(text))
        .or(() -> integer(text))
        .or(() -> number(text))
        .orElseGet(() -> new Value.Str(text));
  }

  /// Whether it may be more than text: most of a file is not, and must cost nothing.
  private static boolean special(String text) {
    return text.isEmpty() || "0123456789+-.~nNtTfF".indexOf(text.charAt(0)) >= 0;
  }

  /// The value of a plain scalar under one of the tags null, bool, int and float; empty if it is
  /// none.
  static Optional<Value> tagged(String tag, String text) {
    return switch (tag) {
      case PREFIX + "null" -> nothing(text);
      case PREFIX + "bool" -> bool(text);
      case PREFIX + "int" -> integer(text);
      case PREFIX + "float" -> number(text).or(() -> integer(text));
      case String _ -> Optional.empty();
    };
  }

  private static Optional<Value> nothing(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> Optional.of(Value.nothing());
      case String _ -> Optional.empty();
    };
  }

  private static Optional<Value> bool(String text) {
    return switch (text) {
      case "true", "True", "TRUE" -> Optional.of(Value.of(true));
      case "false", "False", "FALSE" -> Optional.of(Value.of(false));
      case String _ -> Optional.empty();
    };
  }

  private static Optional<Value> integer(String text) {
    return INTEGER.matcher(text).matches()
        ? Optional.of(new Value.Num(Coercion.parseNumber(text).orElseThrow()))
        : Optional.empty();
  }

  private static Optional<Value> number(String text) {
    if (FLOAT.matcher(text).matches()) {
      return Optional.of(new Value.Num(Double.parseDouble(text)));
    }
    return switch (text) {
      case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" ->
          Optional.of(new Value.Num(Double.POSITIVE_INFINITY));
      case "-.inf", "-.Inf", "-.INF" -> Optional.of(new Value.Num(Double.NEGATIVE_INFINITY));
      case ".nan", ".NaN", ".NAN" -> Optional.of(new Value.Num(Double.NaN));
      case String _ -> Optional.empty();
    };
  }
}
