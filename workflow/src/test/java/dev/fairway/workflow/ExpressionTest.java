package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExpressionTest {
  private static final Contexts CONTEXTS =
      Contexts.empty()
          .with(
              "github",
              Value.ofJson(
                  """
                  {"ref": "refs/heads/main", "event": {"commits": [
                    {"author": {"name": "Ada"}, "added": ["a", "b"]},
                    {"author": {"name": "Mia"}, "added": []}]}}
                  """))
          .with("env", Value.ofJson("{\"CI\": \"true\", \"Empty\": \"\"}"));

  private static Value evaluate(String source) {
    try {
      return Expression.parse(source, Vocabulary.of(List.of("github", "env"))).evaluate(CONTEXTS);
    } catch (ExpressionSyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void evaluates() {
    assertThat(evaluate("github.REF == 'REFS/heads/Main'")).isEqualTo(Value.of(true));
    assertThat(evaluate("github['ref']")).isEqualTo(Value.of("refs/heads/main"));
    assertThat(evaluate("github.event.commits.*.author.name"))
        .isEqualTo(Value.ofStrings(List.of("Ada", "Mia")));
    assertThat(evaluate("join(github.event.commits.*.added.*, '-')")).isEqualTo(Value.of("a-b"));
    assertThat(evaluate("github.nothing.at.all")).isEqualTo(Value.nothing());
    assertThat(evaluate("env.Empty || 'fallback'")).isEqualTo(Value.of("fallback"));
    assertThat(evaluate("env.CI && 1 || 2")).isEqualTo(Value.of(1));
    assertThat(evaluate("!env.Empty && (1 < 2) == true")).isEqualTo(Value.of(true));
    assertThat(evaluate("'It''s'")).isEqualTo(Value.of("It's"));
    assertThat(evaluate("format('{0}-{{{1}}}', 1.50, null)")).isEqualTo(Value.of("1.5-{}"));
    assertThat(evaluate("contains(fromJSON('[\"a\",\"B\"]'), 'b')")).isEqualTo(Value.of(true));
    assertThat(evaluate("format('{0} {1}', 1e20, 0.00001)")).isEqualTo(Value.of("1E+20 1E-05"));
    assertThat(evaluate("case(env.CI == 'true', 'yes', 'no')")).isEqualTo(Value.of("yes"));
    assertThat(evaluate("toJSON(fromJSON('{\"a\":[]}'))")).isEqualTo(Value.of("{\n  \"a\": []\n}"));
  }

  @Test
  void saysWhereItCannotBeRead() {
    assertThatThrownBy(() -> Expression.parse("github.ref = 'x'", Vocabulary.of(List.of("github"))))
        .hasMessage(
            "Unexpected symbol: '='. Located at position 12 within expression: github.ref = 'x'");
    assertThatThrownBy(() -> Expression.parse("github.", Vocabulary.of(List.of("github"))))
        .hasMessageStartingWith("Unexpected end of expression: '.'. Located at position 7");
  }

  @Test
  void asksItsHostForStatusAndFiles() throws ExpressionSyntaxException {
    Expression expression = Expression.parse("failure() && hashFiles('a', 'b')", Place.STEP_IF);

    assertThat(
            expression.evaluate(
                Contexts.empty()
                    .with(Contexts.Status.of(Outcome.TIMED_OUT))
                    .with(patterns -> String.join("+", patterns))))
        .isEqualTo(Value.of("a+b"));
    assertThatThrownBy(
            () -> expression.evaluate(Contexts.empty().with(Contexts.Status.of(Outcome.FAILURE))))
        .isInstanceOf(EvaluationException.class);
  }

  @Test
  void readsOnlyProperJson() {
    for (String broken :
        List.of(
            "",
            "{",
            "[1,]",
            "{\"a\" 1}",
            "01",
            "\"\\x\"",
            "nul",
            "1 2",
            "\"\u0007\"",
            "[".repeat(1_000))) {
      assertThatThrownBy(() -> Value.ofJson(broken)).isInstanceOf(EvaluationException.class);
    }
    assertThat(Value.ofJson("\"\\u00e9\\n\"")).isEqualTo(Value.of("é\n"));
  }
}
