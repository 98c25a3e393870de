package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.workflow.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonValuesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "\"é\\n\"",
        "0",
        "-7",
        "1.5",
        "1E+21",
        "9007199254740992",
        "9223372036854775807",
        "[]",
        "{}",
        "{\"a\":[1,{\"b\":null}],\"B\":\"\"}"
      })
  void aValueIsWhatItsTextSays(String json) {
    var value = Value.ofJson(json);

    assertThat(JsonValues.value(Json.MAPPER.readTree(json))).isEqualTo(value);
    assertThat(JsonValues.value(JsonValues.json(value))).isEqualTo(value);
  }

  @Test
  void aWholeNumberHasNoFraction() {
    assertThat(JsonValues.json(Value.ofJson("[1,-2,0.5]"))).hasToString("[1,-2,0.5]");
  }

  @Test
  void aNumberOfAnyLengthIsTheNearestDouble() {
    for (var digits : new int[] {30, 400}) {
      var number = "7".repeat(digits);
      assertThat(JsonValues.value(Json.MAPPER.readTree(number))).isEqualTo(Value.ofJson(number));
    }
  }

  @Test
  void whatIsNotThereIsNothing() {
    assertThat(JsonValues.value(Json.MAPPER.createObjectNode().path("a")))
        .isEqualTo(Value.nothing());
  }
}
