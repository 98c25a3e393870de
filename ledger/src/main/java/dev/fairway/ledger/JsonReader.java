package dev.fairway.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON from people who may wish us harm: RFC 8259 to the letter, UTF-8 only, no duplicate
/// keys (two parsers must never see two documents in one), no lone surrogates, and limits on size,
/// depth and number of values.
final class JsonReader {
  /// Largest document, in bytes.
  static final int MAX_SIZE = 8 << 20;

  /// Deepest nesting.
  static final int MAX_DEPTH = 64;

  /// Most values in one document.
  static final int MAX_VALUES = 500_000;

  private final String text;
  private int at;
  private int values;

  private JsonReader(String text) {
    this.text = text;
  }

  static Json read(byte[] document) throws Refusal {
    return read(document, Flaw.MALFORMED);
  }

  /// @param flaw what a malformed document is called here
  static Json read(byte[] document, Flaw flaw) throws Refusal {
    if (document.length > MAX_SIZE) {
      throw new Refusal(flaw, "JSON of more than " + MAX_SIZE + " bytes");
    }
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString();
      var reader = new JsonReader(text);
      var value = reader.value(0);
      reader.space();
      if (reader.at < text.length()) {
        throw reader.broken("unexpected text after the document");
      }
      return value;
    } catch (CharacterCodingException notUtf8) {
      throw new Refusal(flaw, "not UTF-8");
    } catch (Broken broken) {
      throw new Refusal(flaw, String.valueOf(broken.getMessage()));
    }
  }

  private Json value(int depth) throws Broken {
    if (depth > MAX_DEPTH) {
      throw broken("nested deeper than " + MAX_DEPTH);
    }
    if (++values > MAX_VALUES) {
      throw broken("more than " + MAX_VALUES + " values");
    }
    space();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new Json.Str(string());
      case 't' -> word("true", new Json.Bool(true));
      case 'f' -> word("false", new Json.Bool(false));
      case 'n' -> word("null", new Json.Null());
      default -> number();
    };
  }

  private Json object(int depth) throws Broken {
    at++;
    Map<String, Json> members = new LinkedHashMap<>();
    space();
    if (peek() == '}') {
      at++;
      return new Json.Obj(members);
    }
    while (true) {
      space();
      if (peek() != '"') {
        throw broken("expected a key");
      }
      var key = string();
      space();
      expect(':');
      if (members.put(key, value(depth + 1)) != null) {
        throw broken("duplicate key \"" + key + "\"");
      }
      space();
      if (peek() == '}') {
        at++;
        return new Json.Obj(members);
      }
      expect(',');
    }
  }

  private Json array(int depth) throws Broken {
    at++;
    List<Json> items = new ArrayList<>();
    space();
    if (peek() == ']') {
      at++;
      return new Json.Arr(items);
    }
    while (true) {
      items.add(value(depth + 1));
      space();
      if (peek() == ']') {
        at++;
        return new Json.Arr(items);
      }
      expect(',');
    }
  }

  private String string() throws Broken {
    at++;
    var out = new StringBuilder();
    while (true) {
      char c = peek();
      at++;
      if (c == '"') {
        break;
      }
      if (c < ' ') {
        throw broken("control character in a string");
      }
      out.append(c == '\\' ? escape() : c);
    }
    for (int i = 0; i < out.length(); i++) {
      if (Character.isSurrogate(out.charAt(i))) {
        if (!Character.isHighSurrogate(out.charAt(i))
            || i + 1 == out.length()
            || !Character.isLowSurrogate(out.charAt(i + 1))) {
          throw broken("half of a surrogate pair");
        }
        i++;
      }
    }
    return out.toString();
  }

  private char escape() throws Broken {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(peek(), 16);
          if (digit < 0 || peek() > 'f') {
            throw broken("malformed \\u escape");
          }
          code = code << 4 | digit;
          at++;
        }
        yield (char) code;
      }
      default -> throw broken("unknown escape");
    };
  }

  private Json number() throws Broken {
    int start = at;
    if (more() && text.charAt(at) == '-') {
      at++;
    }
    if (more() && text.charAt(at) == '0') {
      at++;
    } else {
      digits();
    }
    if (more() && text.charAt(at) == '.') {
      at++;
      digits();
    }
    if (more() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (more() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      digits();
    }
    return new Json.Num(text.substring(start, at));
  }

  private void digits() throws Broken {
    int start = at;
    while (more() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw broken("expected a value");
    }
  }

  private Json word(String word, Json value) throws Broken {
    if (!text.startsWith(word, at)) {
      throw broken("expected a value");
    }
    at += word.length();
    return value;
  }

  private void space() {
    while (more() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void expect(char c) throws Broken {
    if (peek() != c) {
      throw broken("expected '" + c + "'");
    }
    at++;
  }

  private char peek() throws Broken {
    if (!more()) {
      throw broken("ends too early");
    }
    return text.charAt(at);
  }

  private boolean more() {
    return at < text.length();
  }

  private Broken broken(String what) {
    return new Broken(what + " at character " + at);
  }

  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;

    Broken(String message) {
      super(message);
    }
  }
}
