package dev.fairway.cli;

import java.util.Optional;

/// Lines of a job's log for a terminal. What a job prints must not move the cursor, rename the
/// window, or answer for its user: of all that controls a terminal only colours are let through.
final class LogText {
  private static final char ESCAPE = '\u001b';
  private static final char BELL = '\u0007';
  private static final String RESET = "\u001b[0m";
  private static final int TAB = 8;

  private LogText() {}

  /// The line as people read it: the marks of groups, errors and warnings as what they mean; empty
  /// for the end of a group, which is nothing to read.
  static Optional<String> shown(String line, Style style) {
    if (!line.startsWith("##[")) {
      return Optional.of(safe(line, style.coloured()));
    }
    var end = line.indexOf(']');
    var text = end < 0 ? line : safe(line.substring(end + 1), style.coloured());
    return switch (end < 0 ? "" : line.substring(3, end)) {
      case "group" -> Optional.of(style.bold(text));
      case "endgroup" -> Optional.empty();
      case "error" -> Optional.of(style.red("error: ") + text);
      case "warning" -> Optional.of(style.yellow("warning: ") + text);
      case "notice" -> Optional.of(style.bold("notice: ") + text);
      case "debug" -> Optional.of(style.faint("debug: " + text));
      default -> Optional.of(safe(line, style.coloured()));
    };
  }

  /// The line without control characters and escape sequences.
  ///
  /// @param colours whether sequences that set colours stay; a line that has some ends with a reset
  static String safe(String line, boolean colours) {
    if (!controls(line)) {
      return line;
    }
    var text = new StringBuilder(line.length() + RESET.length());
    var coloured = false;
    for (var at = 0; at < line.length(); at++) {
      var c = line.charAt(at);
      if (c == ESCAPE) {
        var end = sequenceEnd(line, at);
        if (colours && line.startsWith("[", at + 1) && line.charAt(end) == 'm') {
          text.append(line, at, end + 1);
          coloured = true;
        }
        at = end;
      } else if (c == '\t') {
        text.repeat(' ', TAB - text.length() % TAB);
      } else if (!controls(c)) {
        text.append(c);
      }
    }
    return coloured ? text.append(RESET).toString() : text.toString();
  }

  private static boolean controls(String line) {
    for (var at = 0; at < line.length(); at++) {
      if (controls(line.charAt(at))) {
        return true;
      }
    }
    return false;
  }

  private static boolean controls(char c) {
    return Character.isISOControl(c)
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }

  /// Where the escape sequence ends that begins here: its last character, or the line's.
  private static int sequenceEnd(String line, int begin) {
    var last = line.length() - 1;
    if (begin == last) {
      return last;
    }
    var kind = line.charAt(begin + 1);
    if (kind == '[') {
      for (var at = begin + 2; at <= last; at++) {
        if (line.charAt(at) >= '@' && line.charAt(at) <= '~') {
          return at;
        }
      }
      return last;
    }
    if (kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X') {
      for (var at = begin + 2; at <= last; at++) {
        if (line.charAt(at) == BELL) {
          return at;
        }
        if (line.charAt(at) == '\\' && line.charAt(at - 1) == ESCAPE) {
          return at;
        }
      }
      return last;
    }
    return begin + 1;
  }
}
