package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class HostileInputTest {

  @Test
  void aliasesThatMultiplyAreRefusedWhileTheyGrow() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i))
          .append(("*a" + (i - 1) + ", ").repeat(8))
          .append("*a" + (i - 1) + "]\n");
    }

    assertThat(Workflows.findings(bomb.toString()))
        .singleElement()
        .asString()
        .endsWith("The file holds more than 50000 values, aliases included");
  }

  @Test
  void anAliasInsideItsOwnAnchorIsRefused() {
    assertThat(Workflows.findings("on: push\njobs: &all\n  a: *all\n"))
        .containsExactly("ci.yml:3:6: The alias '*all' is inside its own anchor");
  }

  @Test
  void depthWithoutEndIsRefused() {
    assertThat(Workflows.findings("on: " + "[".repeat(100_000)))
        .containsExactly("ci.yml:1:54: Maximum object depth exceeded");
    assertThat(Workflows.findings("{a: ".repeat(10_000))).hasSize(1);
  }

  @Test
  void anExpressionOfParenthesesOrNegationsCannotExhaustTheStack() {
    for (String opening : List.of("(", "!", "a[", "join(", "(!")) {
      String bomb = opening.repeat(Expression.MAX_LENGTH / opening.length());
      assertThat(
              Workflows.findings(
                  Workflows.job("runs-on: x\nif: " + quoted(bomb) + "\nsteps:\n  - run: y")))
          .isNotEmpty();
    }
  }

  private static String quoted(String text) {
    return "'" + text + "'";
  }

  @Test
  void aMatrixThatMultipliesIsRefusedBeforeItIsMade() {
    StringBuilder vectors = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      vectors.append("    v%d: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n".formatted(i));
    }

    assertThat(
            Workflows.findings(
                Workflows.job(
                    "runs-on: x\nstrategy:\n  matrix:\n" + vectors + "steps:\n  - run: y")))
        .singleElement()
        .asString()
        .endsWith("combinations; at most 256 are allowed");
  }

  @Test
  void nestedFormatsStayWithinTheirBudget() throws ExpressionSyntaxException {
    String eight = "'{0}{0}{0}{0}{0}{0}{0}{0}'";
    String bomb = "'x'";
    for (int i = 0; i < 12; i++) {
      bomb = "format(" + eight + ", " + bomb + ")";
    }
    Expression expression = Expression.parse(bomb, Vocabulary.of(List.of()));

    assertThat(catchThrowable(() -> expression.evaluate(Contexts.empty())))
        .isInstanceOf(EvaluationException.class)
        .hasMessage("The maximum allowed memory size was exceeded");
  }

  @Test
  void aPatternOfStarsCannotHangTheTrigger() {
    Glob glob = Glob.of("*a".repeat(500) + "b");

    assertThat(glob.matches("a".repeat(2_000))).isFalse();
  }

  @Test
  void noMutilatedFileMakesTheParserThrow() {
    String good =
        """
        on: {push: {branches: ['main*', "!x?"]}, workflow_dispatch: {inputs: {a: {type: number}}}}
        env: &e {A: "${{ github.ref }}", B: !!int 3}
        jobs:
          a:
            needs: []
            strategy: {matrix: {os: [a, b], include: [{os: a, x: 1}], exclude: [{os: b}]}}
            runs-on: [x, "${{ matrix.os }}"]
            env: *e
            steps:
              - run: |
                  echo ${{ format('{0}', matrix.os) }}
                if: ${{ always() && !cancelled() }}
              - uses: actions/checkout@v4
                with: {ref: main}
        """;
    Random random = new Random(4711);
    String noise = "{}[]'\"&*!|>:-#%@`,?~ \n\t$(){{}}ab01é\u0000\uFEFF";
    for (int round = 0; round < 1_000; round++) {
      StringBuilder text = new StringBuilder(good);
      for (int edit = 0; edit <= random.nextInt(4); edit++) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, noise.charAt(random.nextInt(noise.length())));
          default -> text.setLength(Math.max(1, at));
        }
      }
      WorkflowParser.parse("fuzz.yml", text.toString());
    }
  }
}
