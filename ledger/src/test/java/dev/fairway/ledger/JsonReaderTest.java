package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "\"\"",
        "0",
        "-0.5e+3",
        "true",
        "null",
        "{\"a\":[1,{\"b\":\"\\\"\\\\\\n\\u0001\"}],\"c\":false}",
        "\"größer 🚢\""
      })
  void writesBackWhatItRead(String text) throws Refusal {
    assertThat(JsonReader.read(utf8(text)).write()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "{a:1}",
        "01",
        "1.",
        "+1",
        ".5",
        "NaN",
        "tru",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12G4\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "1 2",
        "[1 2]",
        "'a'",
        "{\"a\" 1}",
        "\uFEFF{}",
        "\"\\u123４\""
      })
  void refusesWhatIsNotJson(String text) {
    assertThatThrownBy(() -> JsonReader.read(utf8(text))).isInstanceOf(Refusal.class);
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    assertThatThrownBy(() -> JsonReader.read(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}))
        .hasMessage("not UTF-8");
  }

  @Test
  void limitsDepthValuesAndSize() {
    assertThatThrownBy(() -> JsonReader.read(utf8("[".repeat(100_000))))
        .hasMessageContaining("nested deeper than");
    assertThatThrownBy(() -> JsonReader.read(utf8("[" + "0,".repeat(JsonReader.MAX_VALUES) + "0]")))
        .hasMessageContaining("more than");
    assertThatThrownBy(() -> JsonReader.read(new byte[JsonReader.MAX_SIZE + 1]))
        .hasMessageContaining("bytes");
  }
}
