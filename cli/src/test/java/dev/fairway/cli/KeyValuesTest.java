package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyValuesTest {
  @TempDir Path folder;

  private Map<String, String> read(String text) throws Exception {
    return KeyValues.read(Files.writeString(folder.resolve("values"), text));
  }

  @Test
  void readsLinesAsEnvFilesHaveThem() throws Exception {
    assertThat(
            read(
                """
                # a comment
                BARE = some text  # and why
                export EXPORTED=x#y

                SINGLE='a "b" \\n c'
                DOUBLE="one\\ntwo \\"three\\" \\$four"  # five
                KEY="-----BEGIN
                line
                -----END"
                EMPTY=
                URL=https://a/b?c=d
                """))
        .containsExactly(
            Map.entry("BARE", "some text"),
            Map.entry("EXPORTED", "x#y"),
            Map.entry("SINGLE", "a \"b\" \\n c"),
            Map.entry("DOUBLE", "one\ntwo \"three\" $four"),
            Map.entry("KEY", "-----BEGIN\nline\n-----END"),
            Map.entry("EMPTY", ""),
            Map.entry("URL", "https://a/b?c=d"));
  }

  @Test
  void readsAJsonObject() throws Exception {
    assertThat(read(" {\"A\": \"x\", \"B\": 2, \"C\": true}"))
        .containsExactly(Map.entry("A", "x"), Map.entry("B", "2"), Map.entry("C", "true"));
  }

  @Test
  void namesThePlaceOfWhatIsWrongAndNeverItsText() {
    assertThatThrownBy(() -> read("A=1\nnothing secret"))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("values:2:1: a line is NAME=VALUE")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> read("A='open\n"))
        .hasMessageContaining("values:1:3: the quote does not end");
    assertThatThrownBy(() -> read("A='x'y"))
        .hasMessageContaining("values:1:6: something follows the quote");
    assertThatThrownBy(() -> read("{\"A\": secret}"))
        .hasMessageContaining("this is no JSON")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> read("{\"A\": {}}")).hasMessageContaining("`A` is not a text");
  }
}
