package dev.fairway.agent;

import java.nio.file.Path;
import java.util.regex.Pattern;

/// One line of the `path` of an upload: an absolute path with `*`, `?`, `[...]` and `**`. It
/// matches what it names and, where that is a folder, everything in it.
///
/// @param exclude the line began with `!`
/// @param base the longest leading part without a wildcard: where the search begins
record Glob(boolean exclude, Path base, Pattern pattern) {
  static Glob parse(String line, Path workspace) {
    var exclude = line.startsWith("!");
    var text = exclude ? line.substring(1).strip() : line;
    var absolute = workspace.resolve(text).normalize();
    var base = Path.of("/");
    var wild = false;
    var regex = new StringBuilder();
    for (var part : absolute) {
      var name = part.toString();
      wild = wild || name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
      if (!wild) {
        base = base.resolve(name);
      }
      regex.append(name.equals("**") ? "(?:/[^/]+)*" : "/" + segment(name));
    }
    return new Glob(exclude, base, Pattern.compile(regex + "(?:/.*)?", Pattern.DOTALL));
  }

  boolean matches(Path absolute) {
    return pattern.matcher(absolute.toString()).matches();
  }

  private static String segment(String name) {
    var regex = new StringBuilder();
    for (var at = 0; at < name.length(); at++) {
      var c = name.charAt(at);
      switch (c) {
        case '*' -> regex.append("[^/]*");
        case '?' -> regex.append("[^/]");
        case '[' -> {
          var end = name.indexOf(']', at + 2);
          if (end < 0) {
            regex.append("\\[");
          } else {
            var set = name.substring(at + 1, end);
            var negated = set.startsWith("!") || set.startsWith("^");
            regex.append(negated ? "[^/" : "[");
            regex.append(
                (negated ? set.substring(1) : set).replaceAll("([\\\\\\[\\]&^])", "\\\\$1"));
            regex.append(']');
            at = end;
          }
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }
}
