package dev.fairway.workflow;

import java.util.Iterator;
import java.util.Map;

/// Writes a value as JSON.
final class JsonWriter {
  private final StringBuilder out = new StringBuilder();
  private final boolean indent;
  private int depth;

  private JsonWriter(boolean indent) {
    this.indent = indent;
  }

  static String indented(Value value) {
    return new JsonWriter(true).write(value);
  }

  static String compact(Value value) {
    return new JsonWriter(false).write(value);
  }

  private String write(Value value) {
    append(value);
    return out.toString();
  }

  private void append(Value value) {
    switch (value) {
      case Value.Null _ -> out.append("null");
      case Value.Bool bool -> out.append(bool.value());
      case Value.Num number -> out.append(Coercion.text(number.value()));
      case Value.Str string -> quote(string.value());
      case Value.Arr array -> array(array);
      case Value.Obj object -> object(object);
    }
  }

  private void array(Value.Arr array) {
    if (array.items().isEmpty()) {
      out.append("[]");
      return;
    }
    open('[');
    Iterator<Value> items = array.items().iterator();
    while (items.hasNext()) {
      append(items.next());
      separate(items.hasNext());
    }
    close(']');
  }

  private void object(Value.Obj object) {
    if (object.members().isEmpty()) {
      out.append("{}");
      return;
    }
    open('{');
    Iterator<Map.Entry<String, Value>> members = object.members().entrySet().iterator();
    while (members.hasNext()) {
      Map.Entry<String, Value> member = members.next();
      quote(member.getKey());
      out.append(indent ? ": " : ":");
      append(member.getValue());
      separate(members.hasNext());
    }
    close('}');
  }

  private void open(char bracket) {
    out.append(bracket);
    depth++;
    line();
  }

  private void close(char bracket) {
    depth--;
    line();
    out.append(bracket);
  }

  private void separate(boolean more) {
    if (more) {
      out.append(',');
      line();
    }
  }

  private void line() {
    if (indent) {
      out.append('\n').repeat("  ", depth);
    }
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
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
