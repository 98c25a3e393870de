package dev.fairway.workflow;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whatever a file holds, it is taken or refused; nothing else happens, and not for long.
final class LanguageFuzzTest {
  private static final Contexts CONTEXTS =
      Contexts.empty()
          .with(
              "github", Value.ofJson("{\"ref\": \"refs/heads/main\", \"event\": {\"n\": [1, 2]}}"))
          .with("env", Value.ofJson("{\"CI\": \"true\", \"Empty\": \"\"}"))
          .with("matrix", Value.ofJson("{\"n\": 1.5}"));

  @FuzzTest
  void aWorkflowIsTakenOrRefused(byte[] file) {
    var parsed = WorkflowParser.parse("fuzz.yml", new String(file, StandardCharsets.UTF_8));
    if (parsed instanceof ParseResult.Valid valid) {
      var state = new RunState(Contexts.empty(), List.of(), false);
      try {
        RunPlanner.plan(valid.workflow(), state);
      } catch (EvaluationException e) {
        assertSentence(e.getMessage());
      }
    }
  }

  @FuzzTest
  void anActionIsTakenOrRefused(byte[] file) {
    ActionParser.parse("action.yml", new String(file, StandardCharsets.UTF_8));
  }

  @FuzzTest
  void aGlobIsTakenOrRefused(byte[] words) {
    var text = new String(words, StandardCharsets.UTF_8);
    WorkflowParser.parse(
        "fuzz.yml",
        "on: {push: {branches: ['"
            + text.replace("'", "''").replace("\n", "")
            + "']}}\njobs: {a: {runs-on: linux, steps: [{run: x}]}}\n");
  }

  /// A pattern, and names that it may match.
  @FuzzTest
  void aGlobMatchesOrNot(byte[] input) {
    var lines = new String(input, StandardCharsets.UTF_8).lines().toList();
    if (lines.isEmpty()) {
      return;
    }
    try {
      var glob = Glob.of(lines.getFirst());
      lines.forEach(glob::matches);
    } catch (IllegalArgumentException e) {
      assertSentence(e.getMessage());
    }
  }

  @FuzzTest
  void aTimeOfRunsIsTakenOrRefused(byte[] input) {
    try {
      var cron = Cron.of(new String(input, StandardCharsets.UTF_8));
      var now = Instant.parse("2024-02-28T23:59:30Z");
      var next = cron.next(now);
      if (next.isPresent() && !next.get().isAfter(now)) {
        throw new AssertionError(next + " is not after " + now);
      }
    } catch (IllegalArgumentException e) {
      assertSentence(e.getMessage());
    }
  }

  @FuzzTest
  void anExpressionHasAValueOrIsRefused(byte[] source) {
    try {
      var vocabulary = Vocabulary.of(List.of("github", "env", "matrix"));
      Expression.parse(new String(source, StandardCharsets.UTF_8), vocabulary)
          .evaluate(CONTEXTS)
          .toJson();
    } catch (ExpressionSyntaxException | EvaluationException e) {
      assertSentence(e.getMessage());
    }
  }

  private static void assertSentence(@Nullable String message) {
    if (message == null || message.isBlank()) {
      throw new AssertionError("a refusal without a word");
    }
  }
}
