package dev.fairway.server.delivery;

import java.util.List;
import java.util.regex.Pattern;

/// Somebody whom a commit's message names as one of its authors: `Co-authored-by: NAME <EMAIL>`.
record CoAuthor(String name, String email) {
  private static final Pattern LINE =
      Pattern.compile("(?i)^\\s*co-authored-by:\\s*([^<>]*?)\\s*<([^<>]*)>\\s*$");

  /// All of them; wherever the line stands, so that no blank line hides a name.
  static List<CoAuthor> in(String message) {
    return message
        .lines()
        .map(LINE::matcher)
        .filter(line -> line.matches())
        .map(line -> new CoAuthor(line.group(1), line.group(2).strip()))
        .toList();
  }
}
