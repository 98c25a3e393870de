package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandFileTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("file"), text);
  }

  @Test
  void readsPairsAndBlocks() throws IOException {
    var pairs =
        CommandFile.pairs(
            file("A=1=2\n\nB<<X=Y\none\n\ntwo\nX=Y\nC=<<no\r\nEMPTY=\nD<<E\nE\n"), "GITHUB_ENV");

    assertThat(pairs)
        .isEqualTo(Map.of("A", "1=2", "B", "one\n\ntwo", "C", "<<no", "EMPTY", "", "D", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no equals             | neither NAME=VALUE
          A<<END;one            | not ended by a line `END`
          A<<;one               | delimiter after `A<<` is empty
          =value                | is not a name
          """)
  void refusesWhatItCannotRead(String text, String why) throws IOException {
    var written = file(text.replace(';', '\n'));

    assertThatThrownBy(() -> CommandFile.pairs(written, "GITHUB_OUTPUT"))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("GITHUB_OUTPUT, line 1")
        .hasMessageContaining(why);
  }

  @Test
  void refusesANulByteALinkAndTooMuch() throws IOException {
    var nul = file("A=\0\n");
    var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/passwd"));
    var large = Files.write(folder.resolve("large"), new byte[CommandFile.MAX_BYTES + 1]);

    assertThatThrownBy(() -> CommandFile.pairs(nul, "F")).hasMessageContaining("NUL");
    assertThatThrownBy(() -> CommandFile.pairs(link, "F")).hasMessageContaining("regular file");
    assertThatThrownBy(() -> CommandFile.pairs(large, "F")).hasMessageContaining("limit of");
  }

  @Test
  void readsWorkflowCommands() {
    assertThat(WorkflowCommand.parse("::error file=a%2Cb.txt,line=3::50%25 gone%0Anext"))
        .hasValue(
            new WorkflowCommand("error", Map.of("file", "a,b.txt", "line", "3"), "50% gone\nnext"));
    assertThat(WorkflowCommand.parse("  ::endgroup::")).isPresent();
    assertThat(WorkflowCommand.parse("no ::error::")).isEmpty();
    assertThat(WorkflowCommand.parse("::no end")).isEmpty();
  }
}
