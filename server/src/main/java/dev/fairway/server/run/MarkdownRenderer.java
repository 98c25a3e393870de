package dev.fairway.server.run;

import java.util.LinkedHashMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.Text;
import org.commonmark.renderer.html.CoreHtmlNodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;

/// What of a summary comes out otherwise than CommonMark says.
final class MarkdownRenderer extends CoreHtmlNodeRenderer {
  private static final Pattern WEB = Pattern.compile("https?://[^\\s\"'<>`]+");
  private static final Pattern TASK = Pattern.compile("\\[([ xX])\\] ");
  private static final int LAST_HEADING = 6;

  private final MarkdownTags tags;

  /// The page has its own h1 and h2.
  private int level = 2;

  MarkdownRenderer(HtmlNodeRendererContext context, MarkdownTags tags) {
    super(context);
    this.tags = tags;
  }

  @Override
  public Set<Class<? extends Node>> getNodeTypes() {
    return Set.of(
        Link.class, Image.class, Heading.class, HtmlBlock.class, HtmlInline.class, Text.class);
  }

  /// No level may be left out.
  @Override
  public void visit(Heading heading) {
    level = Math.min(LAST_HEADING, Math.min(heading.getLevel() + 2, level + 1));
    var html = context.getWriter();
    html.line();
    html.tag("h" + level);
    visitChildren(heading);
    html.tag("/h" + level);
    html.line();
  }

  @Override
  public void visit(Link link) {
    linked(link, link.getDestination());
  }

  @Override
  public void visit(Image image) {
    linked(image, image.getDestination());
  }

  private void linked(Node node, String address) {
    if (!WEB.matcher(address).matches()) {
      visitChildren(node);
      return;
    }
    var html = context.getWriter();
    var attributes = new LinkedHashMap<String, String>();
    attributes.put("href", address);
    attributes.put("rel", "noopener noreferrer nofollow");
    html.tag("a", attributes);
    visitChildren(node);
    html.tag("/a");
  }

  /// The box of a task is a sign: a field that nobody can use would need a name.
  @Override
  public void visit(Text text) {
    var literal = text.getLiteral();
    var task = beginsItem(text) ? TASK.matcher(literal) : null;
    if (task != null && task.lookingAt()) {
      literal = (task.group(1).isBlank() ? "☐ " : "☑ ") + literal.substring(task.end());
    }
    context.getWriter().text(literal);
  }

  private static boolean beginsItem(Text text) {
    return text.getPrevious() == null
        && text.getParent() instanceof Paragraph paragraph
        && paragraph.getPrevious() == null
        && paragraph.getParent() instanceof ListItem;
  }

  @Override
  public void visit(HtmlBlock block) {
    context.getWriter().line();
    context.getWriter().raw(tags.html(block.getLiteral()));
    context.getWriter().line();
  }

  @Override
  public void visit(HtmlInline inline) {
    context.getWriter().raw(tags.html(inline.getLiteral()));
  }
}
