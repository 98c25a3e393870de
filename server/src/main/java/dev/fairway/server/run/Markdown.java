package dev.fairway.server.run;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Turns the little Markdown that step summaries use into HTML: headings, paragraphs, lists,
/// tables, code, bold and links to http and https.
///
/// Whatever the job wrote is escaped before anything else happens to it, and only the tags that are
/// written here come out: no attribute but a checked address, no raw HTML.
final class Markdown {
  private static final Pattern HEADING = Pattern.compile("(#{1,6})\\s+(.*)");
  private static final Pattern ITEM = Pattern.compile("\\s*(?:[-*+]|\\d{1,4}[.)])\\s+(.*)");
  private static final Pattern RULE = Pattern.compile("[\\s:|]*-[\\s:|-]*+");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern BOLD = Pattern.compile("\\*\\*([^*]+)\\*\\*");
  private static final Pattern LINK =
      Pattern.compile("\\[([^\\]\\[]+)\\]\\((https?://[^\\s()\"'<>`*]+)\\)");

  private final StringBuilder html = new StringBuilder();
  private final List<String> paragraph = new ArrayList<>();
  private boolean list;
  private boolean table;
  private int level = 2;

  private Markdown() {}

  static String html(String markdown) {
    var writer = new Markdown();
    var code = false;
    for (var line : markdown.lines().toList()) {
      if (line.strip().startsWith("```")) {
        writer.close();
        writer.html.append(code ? "</code></pre>" : "<pre><code>");
        code = !code;
      } else if (code) {
        writer.html.append(escape(line)).append('\n');
      } else {
        writer.line(line);
      }
    }
    if (code) {
      writer.html.append("</code></pre>");
    }
    writer.close();
    return writer.html.toString();
  }

  private void line(String line) {
    var heading = HEADING.matcher(line);
    var item = ITEM.matcher(line);
    if (line.isBlank()) {
      close();
    } else if (heading.matches()) {
      close();
      // The page has its own h1 and h2, and no level may be left out.
      level = Math.min(6, Math.min(heading.group(1).length() + 2, level + 1));
      html.append("<h%d>%s</h%d>".formatted(level, inline(heading.group(2)), level));
    } else if (line.strip().startsWith("|")) {
      row(line.strip());
    } else if (item.matches()) {
      if (!list) {
        close();
        html.append("<ul>");
        list = true;
      }
      html.append("<li>").append(inline(item.group(1))).append("</li>");
    } else {
      if (list || table) {
        close();
      }
      paragraph.add(inline(line.strip()));
    }
  }

  private void row(String line) {
    if (table && RULE.matcher(line).matches()) {
      return;
    }
    var cell = table ? "td" : "th";
    if (!table) {
      close();
      html.append("<table>");
      table = true;
    }
    html.append("<tr>");
    var cells = line.replaceAll("^\\||\\|$", "").split("\\|", -1);
    for (var text : cells) {
      html.append("<%s>%s</%s>".formatted(cell, inline(text.strip()), cell));
    }
    html.append("</tr>");
  }

  private void close() {
    if (!paragraph.isEmpty()) {
      html.append("<p>").append(String.join("<br>", paragraph)).append("</p>");
      paragraph.clear();
    }
    if (list) {
      html.append("</ul>");
      list = false;
    }
    if (table) {
      html.append("</table>");
      table = false;
    }
  }

  private static String inline(String text) {
    var safe = escape(text);
    safe = CODE.matcher(safe).replaceAll("<code>$1</code>");
    safe = BOLD.matcher(safe).replaceAll("<strong>$1</strong>");
    return LINK.matcher(safe)
        .replaceAll("<a href=\"$2\" rel=\"noopener noreferrer nofollow\">$1</a>");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
