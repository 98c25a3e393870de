package dev.fairway.server.run;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// Whatever a job writes into its summary, nothing but the tags that are meant come out.
final class MarkdownFuzzTest {
  private static final Pattern MEANT =
      Pattern.compile(
          "</?(?:h[3-6]|p|ul|li|table|tr|th|td|pre|code|strong)>|<br>|</a>"
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
