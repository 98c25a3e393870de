package dev.fairway.cli;

import dev.fairway.api.Outcome;
import java.nio.charset.Charset;

/// How text looks on a terminal: in colours, or not; with signs that its encoding has.
record Style(boolean coloured, boolean unicode) {
  /// For files and pipes.
  static final Style PLAIN = new Style(false, false);

  /// As the user asked: NO_COLOR (no-color.org), and the encoding of his locale.
  static Style ofTerminal() {
    var noColour = System.getenv("NO_COLOR");
    return new Style(
        noColour == null || noColour.isEmpty(),
        Charset.forName(System.getProperty("stdout.encoding", "US-ASCII"))
            .newEncoder()
            .canEncode('✓'));
  }

  String bold(String text) {
    return with("1", text);
  }

  String faint(String text) {
    return with("2", text);
  }

  String red(String text) {
    return with("31", text);
  }

  String yellow(String text) {
    return with("33", text);
  }

  /// One column, for how something ended.
  String sign(Outcome outcome) {
    return switch (outcome) {
      case SUCCESS -> with("32", unicode ? "✓" : "+");
      case FAILURE, TIMED_OUT -> red(unicode ? "✗" : "x");
      case ERROR -> red("!");
      case CANCELLED -> yellow(unicode ? "⊘" : "o");
      case SKIPPED -> faint("-");
    };
  }

  /// One column, for what goes on.
  String running() {
    return with("36", unicode ? "●" : "*");
  }

  private String with(String code, String text) {
    return coloured ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
