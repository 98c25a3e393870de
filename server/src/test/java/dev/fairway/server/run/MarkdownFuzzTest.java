package dev.fairway.server.run;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Whatever a job writes into its summary, nothing but the tags that are meant come out.
final class MarkdownFuzzTest {
  private static final Pattern MEANT =
      Pattern.compile(
          "</?(?:h[3-6]|p|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|pre|code|em|strong|del"
              + "|b|i|kbd|sub|sup|details|summary)>|<(?:br|hr) ?/?>|</a>"
              + "|<ol start=\"\\d+\">|<t[hd] align=\"(?:left|center|right)\">"
              + "|<code class=\"language-[^\"<>]*\">"
              + "|<a href=\"https?://[^\\s\"<>'`]+\" rel=\"noopener noreferrer nofollow\">");

  @FuzzTest
  void onlyTheTagsThatAreMeantComeOut(byte[] summary) {
    var html = Markdown.html(new String(summary, StandardCharsets.UTF_8));
    var rest = MEANT.matcher(html).replaceAll("");
    if (rest.indexOf('<') >= 0 || rest.indexOf('>') >= 0 || rest.indexOf('"') >= 0) {
      throw new AssertionError(rest);
    }
  }
}
