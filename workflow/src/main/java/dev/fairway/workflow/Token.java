package dev.fairway.workflow;

/// A lexical unit of an expression. `start` counts UTF-16 units from 0; `value` is set for
/// literals.
record Token(Kind kind, String raw, int start, Value value) {

  enum Kind {
    OPEN_GROUP,
    CLOSE_GROUP,
    OPEN_INDEX,
    CLOSE_INDEX,
    COMMA,
    WILDCARD,
    DOT,
    OPERATOR,
    LITERAL,
    NAME,
    PROPERTY,
    FUNCTION,
    UNEXPECTED,
    END
  }

  boolean operator(String symbol) {
    return kind == Kind.OPERATOR && raw.equals(symbol);
  }
}
