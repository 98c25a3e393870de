package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads JSON (RFC 8259), of a depth that cannot exhaust the stack.
final class JsonReader {
  private static final int MAX_DEPTH = 100;
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?");

  private final String text;
  private int at;

  JsonReader(String text) {
    this.text = text;
  }

  Value read() {
    Value value = value(0);
    space();
    if (at < text.length()) {
      throw unexpected();
    }
    return value;
  }

  private Value value(int depth) {
    if (depth > MAX_DEPTH) {
      throw new EvaluationException("The JSON is nested deeper than " + MAX_DEPTH + " levels.");
    }
    space();
    if (at == text.length()) {
      throw unexpected();
    }
    return switch (text.charAt(at)) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new Value.Str(string());
      case 't' -> word("true", Value.of(true));
      case 'f' -> word("false", Value.of(false));
      case 'n' -> word("null", Value.nothing());
      default -> number();
    };
  }

  private Value object(int depth) {
    at++;
    Map<String, Value> members = new LinkedHashMap<>();
    if (accept('}')) {
      return new Value.Obj(members);
    }
    do {
      space();
      if (at == text.length() || text.charAt(at) != '"') {
        throw unexpected();
      }
      String name = string();
      expect(':');
      members.put(name, value(depth + 1));
    } while (accept(','));
    expect('}');
    return new Value.Obj(members);
  }

  private Value array(int depth) {
    at++;
    List<Value> items = new ArrayList<>();
    if (accept(']')) {
      return new Value.Arr(items);
    }
    do {
      items.add(value(depth + 1));
    } while (accept(','));
    expect(']');
    return new Value.Arr(items);
  }

  private String string() {
    at++;
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return out.toString();
      }
      if (c == '\\') {
        at++;
        out.append(escape());
      } else if (c < ' ') {
        throw unexpected();
      } else {
        out.append(c);
        at++;
      }
    }
    throw unexpected();
  }

  private char escape() {
    if (at == text.length()) {
      throw unexpected();
    }
    char c = text.charAt(at++);
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw unexpected();
      }
    };
  }

  private char unicode() {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0) {
        throw unexpected();
      }
      code = code * 16 + digit;
      at++;
    }
    return (char) code;
  }

  private Value number() {
    Matcher matcher = NUMBER.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw unexpected();
    }
    at = matcher.end();
    return new Value.Num(Double.parseDouble(matcher.group()));
  }

  private Value word(String word, Value value) {
    if (!text.startsWith(word, at)) {
      throw unexpected();
    }
    at += word.length();
    return value;
  }

  private boolean accept(char c) {
    space();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw unexpected();
    }
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private EvaluationException unexpected() {
    String what =
        at >= text.length() ? "Unexpected end of JSON" : "Unexpected '" + text.charAt(at) + "'";
    return new EvaluationException(what + " at position " + (at + 1) + " of the JSON text.");
  }
}
