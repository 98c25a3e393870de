package dev.fairway.cli;

/// How many columns of a terminal a line takes, in which escape sequences take none.
final class Columns {
  private static final String MORE = "…";
  private static final String RESET = "\u001b[0m";

  private Columns() {}

  static int width(String line) {
    var width = 0;
    for (var at = 0; at < line.length(); ) {
      var skipped = sequence(line, at);
      if (skipped > 0) {
        at += skipped;
      } else {
        var c = line.codePointAt(at);
        width += width(c);
        at += Character.charCount(c);
      }
    }
    return width;
  }

  /// The line, or as much of it as fits and a sign that there is more.
  static String cut(String line, int columns) {
    if (width(line) <= columns) {
      return line;
    }
    var text = new StringBuilder();
    var width = 0;
    for (var at = 0; at < line.length(); ) {
      var skipped = sequence(line, at);
      if (skipped > 0) {
        text.append(line, at, at + skipped);
        at += skipped;
        continue;
      }
      var c = line.codePointAt(at);
      width += width(c);
      if (width > columns - 1) {
        break;
      }
      text.appendCodePoint(c);
      at += Character.charCount(c);
    }
    return text.append(MORE).append(line.indexOf('\u001b') < 0 ? "" : RESET).toString();
  }

  /// The length of the colour sequence that begins here, 0 if none does.
  private static int sequence(String line, int at) {
    if (!line.startsWith("\u001b[", at)) {
      return 0;
    }
    var end = line.indexOf('m', at);
    return end < 0 ? 0 : end - at + 1;
  }

  /// Letters of East Asian scripts and pictures take two columns, marks that join none.
  private static int width(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> wide(c) ? 2 : 1;
    };
  }

  private static boolean wide(int c) {
    return c >= 0x1100
        && (c <= 0x115f
            || (c >= 0x2e80 && c <= 0xa4cf)
            || (c >= 0xac00 && c <= 0xd7a3)
            || (c >= 0xf900 && c <= 0xfaff)
            || (c >= 0xfe30 && c <= 0xfe6f)
            || (c >= 0xff00 && c <= 0xff60)
            || (c >= 0x1f300 && c <= 0x1faff)
            || (c >= 0x20000 && c <= 0x3fffd));
  }
}
