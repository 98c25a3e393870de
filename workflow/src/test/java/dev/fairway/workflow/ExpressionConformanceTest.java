package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpressionConformanceTest {

  @Test
  void agreesWithEveryOfficialExpressionVector() {
    List<String> disagreements = new ArrayList<>();
    int vectors = 0;
    for (Path file : Conformance.files("expressions", ".json")) {
      Value.Obj groups = (Value.Obj) Value.ofJson(Conformance.text(file));
      for (Map.Entry<String, Value> group : groups.members().entrySet()) {
        for (Value vector : ((Value.Arr) group.getValue()).items()) {
          vectors++;
          check((Value.Obj) vector, file.getFileName() + " " + group.getKey(), disagreements);
        }
      }
    }
    assertThat(disagreements).isEmpty();
    assertThat(vectors).isGreaterThan(500);
  }

  private static void check(Value.Obj vector, String where, List<String> disagreements) {
    String source = vector.member("expr").orElseThrow().text();
    Value.Obj given = (Value.Obj) vector.member("contexts").orElse(Value.object());
    String expected = vector.member("result").map(ExpressionConformanceTest::expected).orElse("");
    String error =
        vector
            .member("err")
            .map(value -> ((Value.Obj) value).member("value").orElseThrow().text())
            .orElse("");
    String actual;
    boolean failed = false;
    try {
      Value value =
          Expression.parse(source, Vocabulary.of(given.members().keySet()))
              .evaluate(
                  new Contexts(
                      given.members(), Contexts.empty().status(), Contexts.empty().files()));
      actual = value.kind() + " " + value.toCompactJson();
    } catch (ExpressionSyntaxException | EvaluationException e) {
      failed = true;
      actual = String.valueOf(e.getMessage());
    }
    boolean agrees =
        error.isEmpty() ? !failed && actual.equals(expected) : failed && actual.startsWith(error);
    if (!agrees) {
      disagreements.add(
          "%s: %s%n  expected %s%n  but was  %s"
              .formatted(where, source, error.isEmpty() ? expected : error, actual));
    }
  }

  private static String expected(Value result) {
    Value.Obj object = (Value.Obj) result;
    Value value = object.member("value").orElse(Value.nothing());
    String kind = object.member("kind").orElseThrow().text();
    if (!value.kind().equals(kind)) {
      return fail("a vector contradicts itself: " + result);
    }
    return kind + " " + value.toCompactJson();
  }
}
