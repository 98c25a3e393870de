package dev.fairway.server.run;

import java.util.List;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.jspecify.annotations.Nullable;

/// Turns the Markdown of step summaries into HTML: CommonMark with tables, task lists and struck
/// out text, and the few HTML tags of [MarkdownTags].
///
/// Whatever else the job wrote as HTML is shown as text. No element that comes out has an attribute
/// but a link's address, which begins with http, the first number of a list and the alignment of a
/// cell; pictures are links, since nothing is fetched from elsewhere to show a page.
final class Markdown {
  /// Nobody writes deeper, and each level is a call within a call.
  private static final int MAX_DEPTH = 60;

  private static final List<Extension> EXTENSIONS =
      List.of(TablesExtension.create(), StrikethroughExtension.create());

  private static final Parser PARSER =
      Parser.builder().extensions(EXTENSIONS).maxOpenBlockParsers(MAX_DEPTH).build();

  private Markdown() {}

  static String html(String markdown) {
    try {
      var document = PARSER.parse(markdown);
      return isTooDeep(document) ? plain(markdown) : html(document);
    } catch (StackOverflowError e) {
      // The parser goes through marks within marks by calling itself, and has no limit for them.
      return plain(markdown);
    }
  }

  private static String plain(String markdown) {
    return "<pre>" + escape(markdown) + "</pre>";
  }

  private static String html(Node document) {
    // What is open of HTML and which heading came last is a matter of one document.
    var tags = new MarkdownTags();
    var html =
        HtmlRenderer.builder()
            .nodeRendererFactory(context -> new MarkdownRenderer(context, tags))
            .extensions(EXTENSIONS)
            .attributeProviderFactory(_ -> Markdown::attributes)
            .softbreak("<br>\n")
            .build()
            .render(document);
    return html + tags.closeAll();
  }

  private static void attributes(Node node, String tag, Map<String, String> attributes) {
    attributes.keySet().removeIf(name -> !name.equals("start") && !name.equals("align"));
  }

  private static boolean isTooDeep(Node document) {
    var depth = 0;
    @Nullable Node node = document;
    while (node != null && depth <= MAX_DEPTH) {
      if (node.getFirstChild() != null) {
        depth++;
        node = node.getFirstChild();
        continue;
      }
      while (node != null && node.getNext() == null) {
        depth--;
        node = node.getParent();
      }
      node = node == null ? null : node.getNext();
    }
    return depth > MAX_DEPTH;
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
