package dev.fairway.workflow;

/// A text that is not an expression, or not one that may stand where it stands.
public final class ExpressionSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  ExpressionSyntaxException(String message) {
    super(message);
  }

  String reason() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
