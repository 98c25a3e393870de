package dev.fairway.server.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// The HTML tags that a summary may use. They have no attributes, and each that is opened is
/// closed, so that nothing reaches beyond the summary.
final class MarkdownTags {
  /// At one time.
  private static final int MAX_OPEN = 60;

  private static final Pattern TAG = Pattern.compile("<(/?)([A-Za-z]{1,10})\\s{0,9}/?>");
  private static final Set<String> ALLOWED =
      Set.of("b", "br", "code", "details", "em", "i", "kbd", "strong", "sub", "summary", "sup");

  private final Deque<String> open = new ArrayDeque<>();

  /// What the job wrote as HTML, with everything but those tags as text.
  String html(String written) {
    var out = new StringBuilder();
    var from = 0;
    var tags = TAG.matcher(written);
    while (tags.find()) {
      var name = tags.group(2).toLowerCase(Locale.ROOT);
      if (ALLOWED.contains(name)) {
        out.append(Markdown.escape(written.substring(from, tags.start())));
        out.append(tags.group(1).isEmpty() ? opened(name) : closed(name));
        from = tags.end();
      }
    }
    return out.append(Markdown.escape(written.substring(from))).toString();
  }

  private String opened(String name) {
    if (name.equals("br")) {
      return "<br>";
    }
    if (open.size() >= MAX_OPEN) {
      return "";
    }
    open.push(name);
    return "<" + name + ">";
  }

  private String closed(String name) {
    var out = new StringBuilder();
    if (open.contains(name)) {
      String last;
      do {
        last = open.pop();
        out.append("</").append(last).append('>');
      } while (!last.equals(name));
    }
    return out.toString();
  }

  String closeAll() {
    return open.isEmpty() ? "" : closed(open.getLast());
  }
}
