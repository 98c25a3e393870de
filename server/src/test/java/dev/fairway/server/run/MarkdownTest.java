package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class MarkdownTest {
  @Test
  void whatAJobWroteIsNeverHtml() {
    assertThat(Markdown.html("<script>alert(1)</script> <img src=x onerror='x'>"))
        .doesNotContain("<script", "<img")
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;", "onerror=&#39;x&#39;");
    assertThat(Markdown.html("text <img src=x onerror='x'>")).doesNotContain("<img");
    assertThat(Markdown.html("[x](javascript:alert(1))")).doesNotContain("href", "javascript");
    assertThat(Markdown.html("![x](https://e/p.png)"))
        .isEqualTo(
            "<p><a href=\"https://e/p.png\" rel=\"noopener noreferrer nofollow\">x</a></p>\n");
    assertThat(Markdown.html("```js onload=x\n<b>\n"))
        .isEqualTo("<pre><code>&lt;b&gt;\n</code></pre>\n");
  }

  @Test
  void theFewTagsThatMayBeUsedAreClosedAndHaveNoAttributes() {
    assertThat(Markdown.html("<details><summary>More</summary>\n\n- one\n\n</details>\n"))
        .isEqualTo("<details><summary>More</summary>\n<ul>\n<li>one</li>\n</ul>\n</details>\n");
    assertThat(Markdown.html("a <b>bold <i>both</b> rest"))
        .contains("<b>bold <i>both</i></b> rest");
    assertThat(Markdown.html("<details>\n\nopen <kbd>K")).endsWith("</kbd></details>");
    assertThat(Markdown.html("</b></details></div>")).doesNotContain("</b>", "</div>");
    assertThat(Markdown.html("a <b onclick=x>b</b>")).doesNotContain("<b ", "<b>");
  }

  @Test
  void whatIsNestedBeyondReasonIsShownAsText() {
    assertThat(Markdown.html("*a **b ".repeat(10_000) + "b** a*".repeat(10_000)))
        .startsWith("<pre>")
        .contains("*a **b");
    assertThat(Markdown.html("> ".repeat(50_000) + "x")).contains("x");
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
          html.replaceAll(
                  "</?(?:p|br|h[3-6]|ul|li|table|t(?:head|body|r|h|d)|pre|code|strong)>", "")
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
                  - [x] done

                | a | b |
                |---|--:|
                | 1 | 2 |

                > *quiet* ~~gone~~

                See [docs](https://example.org/a?b=1).
                """))
        .isEqualTo(
            """
            <h3>All <strong>well</strong></h3>
            <ul>
            <li>one <code>x</code></li>
            <li>two
            <ul>
            <li>☑ done</li>
            </ul>
            </li>
            </ul>
            <table>
            <thead>
            <tr>
            <th>a</th>
            <th align="right">b</th>
            </tr>
            </thead>
            <tbody>
            <tr>
            <td>1</td>
            <td align="right">2</td>
            </tr>
            </tbody>
            </table>
            <blockquote>
            <p><em>quiet</em> <del>gone</del></p>
            </blockquote>
            <p>See <a href="https://example.org/a?b=1" rel="noopener noreferrer nofollow">docs</a>.</p>
            """);
  }
}
