package dev.fairway.workflow;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// The conversions between kinds that the expression language makes by itself.
final class Coercion {
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?");
  private static final Pattern HEXADECIMAL = Pattern.compile("0x[0-9a-fA-F]{1,8}");
  private static final Pattern OCTAL = Pattern.compile("0o[0-7]{1,10}");

  /// Numbers print with this many significant digits, so that 0.1 + noise stays 0.1.
  private static final MathContext PRINTED = new MathContext(15, RoundingMode.HALF_EVEN);

  private static final int LOWEST_PLAIN_EXPONENT = -4;

  private Coercion() {}

  static boolean truthy(Value value) {
    return switch (value) {
      case Value.Null _ -> false;
      case Value.Bool bool -> bool.value();
      case Value.Num number -> number.value() != 0 && !Double.isNaN(number.value());
      case Value.Str string -> !string.value().isEmpty();
      case Value.Arr _, Value.Obj _ -> true;
    };
  }

  static double number(Value value) {
    return switch (value) {
      case Value.Null _ -> 0;
      case Value.Bool bool -> bool.value() ? 1 : 0;
      case Value.Num number -> number.value();
      case Value.Str string -> {
        String trimmed = string.value().strip();
        yield trimmed.isEmpty() ? 0 : parseNumber(trimmed).orElse(Double.NaN);
      }
      case Value.Arr _, Value.Obj _ -> Double.NaN;
    };
  }

  static String text(Value value) {
    return switch (value) {
      case Value.Null _ -> "";
      case Value.Bool bool -> Boolean.toString(bool.value());
      case Value.Num number -> text(number.value());
      case Value.Str string -> string.value();
      case Value.Arr _ -> "Array";
      case Value.Obj _ -> "Object";
    };
  }

  /// Up to 15 significant digits; an exponent only from 1E+15 up and from 1E-05 down.
  static String text(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "Infinity" : "-Infinity";
    }
    if (number == 0) {
      return "0";
    }
    BigDecimal decimal = new BigDecimal(number).round(PRINTED).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= LOWEST_PLAIN_EXPONENT && exponent < PRINTED.getPrecision()) {
      return decimal.toPlainString();
    }
    String digits = decimal.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    String size = Integer.toString(Math.abs(exponent));
    return (decimal.signum() < 0 ? "-" : "")
        + mantissa
        + (exponent < 0 ? "E-" : "E+")
        + (size.length() < 2 ? "0" + size : size);
  }

  /// A number as the language writes it: decimal, `0x` and `0o` up to 32 bits, Infinity and NaN.
  static OptionalDouble parseNumber(String text) {
    if (DECIMAL.matcher(text).matches()) {
      return OptionalDouble.of(Double.parseDouble(text));
    }
    if (HEXADECIMAL.matcher(text).matches()) {
      return OptionalDouble.of(Integer.parseUnsignedInt(text, 2, text.length(), 16));
    }
    if (OCTAL.matcher(text).matches()) {
      return OptionalDouble.of(Integer.parseInt(text, 2, text.length(), 8));
    }
    return switch (text) {
      case "Infinity", "+Infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
      case "-Infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
      case "NaN" -> OptionalDouble.of(Double.NaN);
      case String _ -> OptionalDouble.empty();
    };
  }

  /// `==` of the language: strings ignore case, unequal kinds meet as numbers, arrays and objects
  /// equal only themselves.
  @SuppressWarnings("ReferenceEquality") // identity is the language's rule for arrays and objects
  static boolean same(Value left, Value right) {
    if (left instanceof Value.Str a && right instanceof Value.Str b) {
      return a.value().length() == b.value().length()
          && folded(a.value()).equals(folded(b.value()));
    }
    if (composite(left) || composite(right)) {
      return left == right;
    }
    return number(left) == number(right);
  }

  /// Upper case, character by character and in no country's way: nothing outside ASCII becomes a
  /// letter inside it, so the Turkish dotless i stays what it is.
  static String folded(String text) {
    char[] characters = text.toCharArray();
    for (int i = 0; i < characters.length; i++) {
      char upper = Character.toUpperCase(characters[i]);
      if (upper > 127 || characters[i] <= 127) {
        characters[i] = upper;
      }
    }
    return new String(characters);
  }

  /// `<` of the language; NaN, arrays and objects are neither less nor greater than anything.
  static boolean less(Value left, Value right) {
    if (left instanceof Value.Str a && right instanceof Value.Str b) {
      return folded(a.value()).compareTo(folded(b.value())) < 0;
    }
    return number(left) < number(right);
  }

  /// The equal half of `<=` and `>=`: unlike `==`, it is false for arrays and objects.
  static boolean equalNumbersOrText(Value left, Value right) {
    return !composite(left) && !composite(right) && same(left, right);
  }

  static boolean composite(Value value) {
    return value instanceof Value.Arr || value instanceof Value.Obj;
  }
}
