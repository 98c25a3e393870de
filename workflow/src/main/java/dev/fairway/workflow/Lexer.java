package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Cuts an expression into tokens. It never fails: what it cannot read is an unexpected token, and
/// the parser reports the first error from left to right, whoever finds it.
final class Lexer {
  private static final Pattern IDENTIFIER = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_-]*");
  private static final String BOUNDARIES = "()[],.!><=&|";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String text) {
    return new Lexer(text).run();
  }

  /// Also spaces that do not break a line: editors and web pages slip them in.
  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  /// The text without blanks at its ends.
  static String strip(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private List<Token> run() {
    while (true) {
      while (at < text.length() && isBlank(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        tokens.add(new Token(Token.Kind.END, "", at, Value.nothing()));
        return tokens;
      }
      next();
      if (tokens.getLast().kind() == Token.Kind.UNEXPECTED) {
        return tokens;
      }
    }
  }

  private void next() {
    char c = text.charAt(at);
    switch (c) {
      case '(' -> symbol(Token.Kind.OPEN_GROUP, 1);
      case ')' -> symbol(Token.Kind.CLOSE_GROUP, 1);
      case '[' -> symbol(Token.Kind.OPEN_INDEX, 1);
      case ']' -> symbol(Token.Kind.CLOSE_INDEX, 1);
      case ',' -> symbol(Token.Kind.COMMA, 1);
      case '*' -> symbol(Token.Kind.WILDCARD, 1);
      case '\'' -> string();
      case '!', '<', '>' -> symbol(Token.Kind.OPERATOR, follows('=') ? 2 : 1);
      case '=', '&', '|' -> {
        if (follows(c)) {
          symbol(Token.Kind.OPERATOR, 2);
        } else {
          add(Token.Kind.UNEXPECTED, wordEnd(at + 1, false), Value.nothing());
        }
      }
      case '.' -> {
        if (afterOperand()) {
          symbol(Token.Kind.DOT, 1);
        } else {
          number();
        }
      }
      case '-', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> word();
    }
  }

  private void symbol(Token.Kind kind, int length) {
    add(kind, at + length, Value.nothing());
  }

  private void add(Token.Kind kind, int end, Value value) {
    tokens.add(new Token(kind, text.substring(at, end), at, value));
    at = end;
  }

  private boolean follows(char c) {
    return at + 1 < text.length() && text.charAt(at + 1) == c;
  }

  /// A dot after an operand dereferences it; anywhere else it begins a number such as `.5`.
  private boolean afterOperand() {
    if (tokens.isEmpty()) {
      return false;
    }
    return switch (tokens.getLast().kind()) {
      case CLOSE_GROUP, CLOSE_INDEX, WILDCARD, LITERAL, NAME, PROPERTY -> true;
      case OPEN_GROUP, OPEN_INDEX, COMMA, DOT, OPERATOR, FUNCTION, UNEXPECTED, END -> false;
    };
  }

  private int wordEnd(int from, boolean throughDots) {
    int end = from;
    while (end < text.length()) {
      char c = text.charAt(end);
      boolean boundary = BOUNDARIES.indexOf(c) >= 0 || isBlank(c);
      if (boundary && !(throughDots && c == '.')) {
        break;
      }
      end++;
    }
    return end;
  }

  private void number() {
    int end = wordEnd(at + 1, true);
    OptionalDouble number = Coercion.parseNumber(text.substring(at, end));
    if (number.isPresent()) {
      add(Token.Kind.LITERAL, end, new Value.Num(number.getAsDouble()));
    } else {
      add(Token.Kind.UNEXPECTED, end, Value.nothing());
    }
  }

  private void string() {
    StringBuilder content = new StringBuilder();
    int end = at + 1;
    while (end < text.length()) {
      char c = text.charAt(end++);
      if (c != '\'') {
        content.append(c);
      } else if (end < text.length() && text.charAt(end) == '\'') {
        content.append('\'');
        end++;
      } else {
        add(Token.Kind.LITERAL, end, new Value.Str(content.toString()));
        return;
      }
    }
    add(Token.Kind.UNEXPECTED, end, Value.nothing());
  }

  private void word() {
    int end = wordEnd(at + 1, false);
    String word = text.substring(at, end);
    if (!IDENTIFIER.matcher(word).matches()) {
      add(Token.Kind.UNEXPECTED, end, Value.nothing());
      return;
    }
    if (!tokens.isEmpty() && tokens.getLast().kind() == Token.Kind.DOT) {
      add(Token.Kind.PROPERTY, end, Value.nothing());
      return;
    }
    switch (word) {
      case "null" -> add(Token.Kind.LITERAL, end, Value.nothing());
      case "true" -> add(Token.Kind.LITERAL, end, Value.of(true));
      case "false" -> add(Token.Kind.LITERAL, end, Value.of(false));
      case "NaN" -> add(Token.Kind.LITERAL, end, new Value.Num(Double.NaN));
      case "Infinity" -> add(Token.Kind.LITERAL, end, new Value.Num(Double.POSITIVE_INFINITY));
      default -> add(called(end) ? Token.Kind.FUNCTION : Token.Kind.NAME, end, Value.nothing());
    }
  }

  private boolean called(int end) {
    int next = end;
    while (next < text.length() && isBlank(text.charAt(next))) {
      next++;
    }
    return next < text.length() && text.charAt(next) == '(';
  }
}
