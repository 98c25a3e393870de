package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
