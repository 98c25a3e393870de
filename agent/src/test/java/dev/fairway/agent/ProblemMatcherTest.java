package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProblemMatcherTest {
  private static final String ESLINT =
      """
      {"problemMatcher": [{"owner": "eslint", "pattern": [
        {"regexp": "^([^\\\\s].*)$", "file": 1},
        {"regexp": "^\\\\s+(\\\\d+):(\\\\d+)\\\\s+(error|warning)\\\\s+(.*?)\\\\s\\\\s+(.*)$",
         "line": 1, "column": 2, "severity": 3, "message": 4, "code": 5, "loop": true}]}]}
      """;

  @TempDir Path folder;
  private Jobs.Run run;

  @BeforeEach
  void open() throws IOException {
    run = new Jobs.Run(folder);
  }

  private JobResult run(String steps) throws Exception {
    return run.start(
        Jobs.assignment(steps), folder, Isolation.none(), new CheckoutSource.Folder(folder));
  }

  private List<JobEvent.Annotation> annotations() {
    return run.events().stream()
        .filter(JobEvent.Annotation.class::isInstance)
        .map(JobEvent.Annotation.class::cast)
        .toList();
  }

  @Test
  void oneLineBecomesAnAnnotationUntilTheMatcherIsRemoved() throws Exception {
    var result =
        run(
            """
            - run: |
                cat > m.json <<'END'
                {"problemMatcher": [{"owner": "cc", "severity": "warning", "pattern": [
                  {"regexp": "^(.+):(\\\\d+):(\\\\d+): (?:(error|warning): )?(.+)$",
                   "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5}]}]}
                END
                echo "::add-matcher::m.json"
            - run: |
                echo "$PWD/src/a.c:3:9: error: no such thing"
                printf '\\033[1msrc/b.c:4:1: odd\\033[0m\\n'
                echo "::remove-matcher owner=cc::"
                echo "src/c.c:5:1: error: unseen"
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(annotations())
        .extracting(one ->
            "%s %s:%d:%d %s"
                .formatted(one.level(), one.file(), one.line(), one.column(), one.message()))
        .containsExactly("error src/a.c:3:9 no such thing", "warning src/b.c:4:1 odd");
    assertThat(run.lines).contains("src/c.c:5:1: error: unseen");
  }

  @Test
  void severalLinesAndALoopShareWhatTheFirstFound() throws Exception {
    var matcher = ProblemMatcher.parse(ESLINT).getFirst();

    assertThat(matcher.next("test.js")).isEmpty();
    assertThat(matcher.next("  1:2  error  Missing thing  no-thing").orElseThrow())
        .isEqualTo(
            new ProblemMatcher.Problem(
                "error", "no-thing: Missing thing", Optional.of("test.js"), 1, 2));
    assertThat(matcher.next("  5:6  warning  Odd  odd-thing").orElseThrow().line()).isEqualTo(5);
    assertThat(matcher.next("")).isEmpty();
    assertThat(matcher.next("  7:1  error  Nobody's  lost")).isEmpty();
  }

  @Test
  void anExpressionThatTakesForEverIsDropped() throws Exception {
    var result =
        run(
            """
            - run: |
                echo '{"problemMatcher": [{"owner": "slow", "pattern": [{"regexp": "^(a+)+\\\\1c$", "message": 1}]}]}' > m.json
                echo "::add-matcher::m.json"
                printf 'a%.0s' $(seq 60); echo '!'
                echo after
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.log()).contains("The problem matcher `slow` took too long").contains("after");
  }

  @Test
  void aMatcherFileOutsideOfTheJobsFoldersIsNotRead() throws Exception {
    var result = run("- run: ln -s /etc/passwd m.json; echo '::add-matcher::m.json'\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason()).contains("is a link that leaves the workspace");
  }

  @Test
  void whatCannotBeCarriedOutIsRefused() {
    for (var json :
        List.of(
            "{}",
            "[",
            "{\"problemMatcher\": [{\"owner\": \"x\", \"pattern\": [{\"regexp\": \"(\","
                + " \"message\": 1}]}]}",
            "{\"problemMatcher\": [{\"owner\": \"x\", \"pattern\": [{\"regexp\": \"a\","
                + " \"message\": 1}]}]}",
            "{\"problemMatcher\": [{\"owner\": \"x\", \"colour\": 1, \"pattern\": [{\"regexp\":"
                + " \"(a)\", \"message\": 1}]}]}")) {
      assertThatThrownBy(() -> ProblemMatcher.parse(json)).isInstanceOf(FairwayException.class);
    }
  }

  @Test
  void debugLinesAreShownOnlyWhereTheyWereAskedFor() throws Exception {
    run("- run: echo '::debug::hidden'; echo '::echo::on'; echo '::notice title=T::told'\n");

    assertThat(run.log()).doesNotContain("##[debug]").contains("::notice title=T::told");
    assertThat(annotations()).singleElement().extracting("message").isEqualTo("T: told");
    run = new Jobs.Run(folder);
    run.start(
        Jobs.assignment(
            "- run: echo '::debug::shown'; echo \"[$RUNNER_DEBUG] [${{ runner.debug }}]\"\n",
            Map.of("ACTIONS_STEP_DEBUG", "true"),
            true,
            JobAssignment.Limits.DEFAULT),
        folder,
        Isolation.none(),
        new CheckoutSource.Folder(folder));
    assertThat(run.lines).contains("##[debug]shown", "[1] [1]");
  }
}
