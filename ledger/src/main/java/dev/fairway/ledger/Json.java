package dev.fairway.ledger;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A JSON value. This small model exists so that verification needs the JDK and nothing else.
sealed interface Json {
  record Obj(Map<String, Json> members) implements Json {
    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
  }

  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }
  }

  record Str(String value) implements Json {}

  /// A number as it was written: never rounded.
  record Num(String text) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  static Json of(String value) {
    return new Str(value);
  }

  static Json of(long value) {
    return new Num(Long.toString(value));
  }

  static Json array(List<String> values) {
    return new Arr(values.stream().map(Json::of).toList());
  }

  /// An object with the keys in the order given: `object("a", x, "b", y)`.
  static Obj object(Object... keysAndValues) {
    var members = new LinkedHashMap<String, Json>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      members.put((String) keysAndValues[i], (Json) keysAndValues[i + 1]);
    }
    return new Obj(members);
  }

  /// Compact JSON text without any optional white space or escape.
  default String write() {
    var out = new StringBuilder(256);
    write(this, out);
    return out.toString();
  }

  private static void write(Json value, StringBuilder out) {
    switch (value) {
      case Obj object -> {
        char separator = '{';
        for (var member : object.members().entrySet()) {
          out.append(separator);
          quote(member.getKey(), out);
          out.append(':');
          write(member.getValue(), out);
          separator = ',';
        }
        out.append(object.members().isEmpty() ? "{}" : "}");
      }
      case Arr array -> {
        char separator = '[';
        for (var item : array.items()) {
          out.append(separator);
          write(item, out);
          separator = ',';
        }
        out.append(array.items().isEmpty() ? "[]" : "]");
      }
      case Str string -> quote(string.value(), out);
      case Num number -> out.append(number.text());
      case Bool bool -> out.append(bool.value());
      case Null ignored -> out.append("null");
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
