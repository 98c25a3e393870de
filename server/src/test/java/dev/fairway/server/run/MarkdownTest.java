package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class MarkdownTest {
  @Test
  void whatAJobWroteIsNeverHtml() {
    assertThat(Markdown.html("<script>alert(1)</script> <img src=x onerror='x'>"))
        .isEqualTo(
            "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=&#39;x&#39;&gt;</p>");
    assertThat(Markdown.html("[x](javascript:alert(1))")).doesNotContain("href");
    assertThat(Markdown.html("[x](https://a/\"onmouseover=)")).doesNotContain("\"onmouseover");
    assertThat(Markdown.html("```\n<b>\n")).isEqualTo("<pre><code>&lt;b&gt;\n</code></pre>");
  }

  @Test
  void marksThatCrossEachOtherOpenNoWayForAnything() {
    for (var attack :
        List.of(
            "**[x](https://a/**b \"onclick=alert(1))",
            "[a`b](https://x/`c\" onerror=alert(1))",
            "`[x](https://e/`<svg onload=alert(1)>)",
            "[x](https://e/&quot;onmouseover=alert(1))",
            "[x](HTTPS://e/ 'onclick=1')",
            "[x]( javascript:alert(1))",
            "[x](data:text/html,<script>)",
            "| <script> | `<b>` |\n|-|-|\n| **</td><script>** |",
            "```<script>\n</code></pre><script>alert(1)</script>\n```",
            "# <iframe src=//e>",
            "- <a href=javascript:alert(1)>x</a>")) {
      var html = Markdown.html(attack);
      var tags =
          html.replaceAll("</?(?:p|br|h[3-6]|ul|li|table|tr|t[hd]|pre|code|strong)>", "")
              .replaceAll(
                  "<a href=\"https?://[^\"<>\\s]*\" rel=\"noopener noreferrer nofollow\">|</a>",
                  "");
      assertThat(tags).as(attack).doesNotContain("<", ">", "\"");
    }
  }

  @Test
  @Timeout(10)
  void linesThatAreMadeToBeSlowAreNot() {
    var many = 100_000;
    for (var attack :
        List.of(
            "| a |\n|" + "-".repeat(many) + "x",
            "| a |\n|" + "- ".repeat(many) + "x",
            "[".repeat(many),
            "[x](https://" + "a".repeat(many),
            "**".repeat(many) + "*",
            "`".repeat(many),
            " ".repeat(many) + "x",
            "#".repeat(many),
            "-" + " ".repeat(many) + "\n",
            "1".repeat(many) + ". x",
            "|".repeat(many),
            "- a\n".repeat(many))) {
      assertThat(Markdown.html(attack)).isNotNull();
    }
  }

  @Test
  void writesWhatSummariesUse() {
    assertThat(
            Markdown.html(
                """
                # All **well**
                - one `x`
                - two

                | a | b |
                |---|---|
                | 1 | 2 |

                See [docs](https://example.org/a?b=1).
                """))
        .isEqualTo(
            "<h3>All <strong>well</strong></h3><ul><li>one <code>x</code></li><li>two</li></ul>"
                + "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
                + "<p>See <a href=\"https://example.org/a?b=1\" rel=\"noopener noreferrer"
                + " nofollow\">docs</a>.</p>");
  }
}
