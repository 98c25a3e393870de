package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2Jtext",
        "\u001b]0;title\u0007text",
        "\u001b]8;;http://x\u001b\\text",
        "te\u001b[3Axt",
        "te\rxt",
        "te\u0008xt",
        "\u001bctext",
        "text\u001b",
        "text\u001b[",
        "\u001bP1;2|x\u001b\\text",
        "te\u202ext",
        "\u009btext"
      })
  void nothingOfAJobControlsTheTerminal(String line) {
    assertThat(LogText.safe(line, true)).isEqualTo("text");
    assertThat(LogText.safe(line, false)).isEqualTo("text");
  }

  @Test
  void coloursStayWhereTheyAreWantedAndEndWithTheLine() {
    assertThat(LogText.safe("\u001b[31mred", true)).isEqualTo("\u001b[31mred\u001b[0m");
    assertThat(LogText.safe("\u001b[31mred", false)).isEqualTo("red");
  }

  @Test
  void marksOfTheLogAreShownAsWhatTheyMean() {
    assertThat(LogText.shown("##[group]Run make", Style.PLAIN)).contains("Run make");
    assertThat(LogText.shown("##[endgroup]", Style.PLAIN)).isEmpty();
    assertThat(LogText.shown("##[error]no", Style.PLAIN)).contains("error: no");
    assertThat(LogText.shown("##[else]no", Style.PLAIN)).contains("##[else]no");
  }

  @Test
  void tabsBecomeColumns() {
    assertThat(LogText.safe("a\tb", false)).isEqualTo("a       b");
  }

  @Test
  void aLineIsCutToTheColumnsThatItTakes() {
    assertThat(Columns.width("日本")).isEqualTo(4);
    assertThat(Columns.cut("日本語", 5)).isEqualTo("日本…");
    assertThat(Columns.cut("\u001b[31mabcdef\u001b[0m", 4)).isEqualTo("\u001b[31mabc…\u001b[0m");
    assertThat(Columns.cut("abcd", 4)).isEqualTo("abcd");
  }
}
