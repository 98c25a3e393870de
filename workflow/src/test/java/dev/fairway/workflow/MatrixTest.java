package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixTest {

  private static List<String> expand(String json) {
    return Matrix.expand(Value.ofJson(json)).stream().map(Value::toCompactJson).toList();
  }

  @Test
  void makesTheProductWithTheLastVectorChangingFastest() {
    assertThat(expand("{\"a\": [1, 2], \"b\": [\"x\", \"y\"]}"))
        .containsExactly(
            "{\"a\":1,\"b\":\"x\"}",
            "{\"a\":1,\"b\":\"y\"}",
            "{\"a\":2,\"b\":\"x\"}",
            "{\"a\":2,\"b\":\"y\"}");
  }

  @Test
  void definesAtLeastOneVectorAndMayExcludeAllThatItMakes() {
    assertThat(expand("{\"a\": [1], \"exclude\": [{\"a\": 1}]}")).isEmpty();
    assertThat(
            Workflows.findings(
                Workflows.job("runs-on: x\nstrategy: {matrix: {}}\nsteps: [{run: y}]")))
        .containsExactly(
            "ci.yml:5:24: Matrix must define at least one vector; where there may be none, say so"
                + " in the job's `if`");
  }

  @Test
  void excludesWhatMatchesInPart() {
    assertThat(
            expand(
                "{\"a\": [1, 2], \"b\": [1, 2], \"exclude\": [{\"a\": 1}, {\"a\": 2, \"b\": 2}]}"))
        .containsExactly("{\"a\":2,\"b\":1}");
  }

  @Test
  void includeExtendsWhatItFitsAndAddsWhatFitsNothing() {
    assertThat(
            expand(
                """
                {
                  "fruit": ["apple", "pear"],
                  "animal": ["cat", "dog"],
                  "include": [
                    {"color": "green"},
                    {"color": "pink", "animal": "cat"},
                    {"fruit": "apple", "shape": "circle"},
                    {"fruit": "banana"},
                    {"fruit": "banana", "animal": "cat"}
                  ]
                }
                """))
        .containsExactly(
            "{\"fruit\":\"apple\",\"animal\":\"cat\",\"color\":\"pink\",\"shape\":\"circle\"}",
            "{\"fruit\":\"apple\",\"animal\":\"dog\",\"color\":\"green\",\"shape\":\"circle\"}",
            "{\"fruit\":\"pear\",\"animal\":\"cat\",\"color\":\"pink\"}",
            "{\"fruit\":\"pear\",\"animal\":\"dog\",\"color\":\"green\"}",
            "{\"fruit\":\"banana\"}",
            "{\"fruit\":\"banana\",\"animal\":\"cat\"}");
  }

  @Test
  void aMatrixOfIncludesOnlyHasOneCombinationEach() {
    assertThat(expand("{\"include\": [{\"a\": 1}, {\"b\": 2}]}"))
        .containsExactly("{\"a\":1}", "{\"b\":2}");
  }
}
