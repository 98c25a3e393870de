package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class CallsTest {
  private static final String CALLABLE =
      """
      on:
        workflow_call:
          inputs:
            level: {type: string, required: true}
            count: {type: number, default: 3}
            dry: {type: boolean}
          secrets:
            token: {required: true}
            extra:
          outputs:
            version: {value: '${{ jobs.build.outputs.version }}'}
      jobs:
        build: {runs-on: x, steps: [{run: y}]}
      """;

  private static List<String> findings(String text, Map<String, String> files) {
    return WorkflowParser.parse("ci.yml", text, calls(files)).diagnostics().stream()
        .map(Diagnostic::toString)
        .toList();
  }

  static CalledWorkflows calls(Map<String, String> files) {
    return (uses, _) ->
        Optional.ofNullable(files.get(uses.path()))
            .<CalledWorkflows.Answer>map(
                text -> new CalledWorkflows.Answer.Found(uses.path(), text))
            .orElseGet(() -> new CalledWorkflows.Answer.Missing("there is no such file"));
  }

  private static String file(String name) {
    return ".github/workflows/" + name + ".yml";
  }

  private static String calling(String... names) {
    StringBuilder text = new StringBuilder("on: [push, workflow_call]\njobs:\n");
    for (int i = 0; i < names.length; i++) {
      text.append("  j" + i + ": {uses: ./" + file(names[i]) + "}\n");
    }
    return text.toString();
  }

  @Test
  void readsWhatIsCalledAndFindsAnyJobByItsPath() {
    ParseResult result =
        WorkflowParser.parse(
            "ci.yml",
            calling("a"),
            calls(
                Map.of(
                    file("a"),
                    calling("b"),
                    file("b"),
                    calling()
                        + "  build: {runs-on: x, name: Build it, steps: [{run: y}]}\n"
                        + "  check: {runs-on: x, needs: build, steps: [{run: y}]}\n")));

    Workflow workflow = ((ParseResult.Valid) result).workflow();
    assertThat(workflow.outline())
        .containsExactly(
            new Workflow.Outline("j0", "j0", List.of(), true),
            new Workflow.Outline("j0/j0", "j0 / j0", List.of(), true),
            new Workflow.Outline("j0/j0/build", "j0 / j0 / Build it", List.of(), false),
            new Workflow.Outline("j0/j0/check", "j0 / j0 / check", List.of("j0/j0/build"), false));
    Workflow.Located located = workflow.locate("j0#4/j0/check").orElseThrow();
    assertThat(located.workflow().file()).isEqualTo(file("b"));
    assertThat(located.job().id()).isEqualTo("check");
    assertThat(workflow.locate("j0/other/check")).isEqualTo(Optional.empty());
  }

  @Test
  void checksWhatTheCallerGivesAgainstTheDefinition() {
    assertThat(
            findings(
                """
                on: push
                jobs:
                  a:
                    uses: ./.github/workflows/a.yml
                    with:
                      count: many
                      dry: ${{ github.ref == 'x' }}
                      colour: red
                    secrets:
                      token: ${{ secrets.TOKEN }}
                      other: x
                  b:
                    uses: ./.github/workflows/a.yml
                    with: {LEVEL: high, dry: 'yes ${{ github.ref }}'}
                    secrets: inherit
                  c:
                    uses: ./.github/workflows/a.yml
                    with: {level: 7}
                """,
                Map.of(file("a"), CALLABLE)))
        .containsExactly(
            "ci.yml:4:11: Input level is required, but not provided while calling.",
            "ci.yml:6:14: Unexpected value 'many'. The input count is a number",
            "ci.yml:8:15: Invalid input, colour is not defined in the referenced workflow.",
            "ci.yml:11:14: Invalid secret, other is not defined in the referenced workflow.",
            "ci.yml:14:30: Unexpected value 'yes ${{ github.ref }}'. The input dry is a boolean",
            "ci.yml:17:11: Secret token is required, but not provided while calling.");
  }

  @Test
  void aMistakeInACalledFileStandsUnderItsName() {
    assertThat(
            findings(
                calling("a", "a", "b"),
                Map.of(
                    file("a"),
                    "on: workflow_call\njobs:\n  x: {runs-on: y, step: []}\n",
                    file("b"),
                    "on: push\njobs:\n  x: {runs-on: y, steps: [{run: z}]}\n")))
        .containsExactly(
            "ci.yml:5:14: workflow is not reusable as it is missing a `on.workflow_call` trigger",
            ".github/workflows/a.yml:3:6: The job does nothing: give it `steps`, or call a workflow"
                + " with `uses`",
            ".github/workflows/a.yml:3:19: Unexpected value 'step'. Did you mean 'steps'?");
  }

  @Test
  void whatCannotBeLookedUpIsAcceptedWithAWarning() {
    assertThat(Workflows.findings(calling("a")))
        .containsExactly(
            "ci.yml:3:14: warning: The called workflow './.github/workflows/a.yml' was not checked:"
                + " nothing outside this file is looked up here");
    assertThat(findings(calling("a"), Map.of()))
        .containsExactly(
            "ci.yml:3:14: The workflow './.github/workflows/a.yml' cannot be called: there is no"
                + " such file");
  }

  @Test
  void refusesACircle() {
    assertThat(findings(calling("a"), Map.of(file("a"), calling("b"), file("b"), calling("a"))))
        .containsExactly(
            ".github/workflows/b.yml:3:14: The workflow calls itself: .github/workflows/a.yml ->"
                + " .github/workflows/b.yml -> .github/workflows/a.yml");
  }

  @Test
  void refusesCallsThatAreTooDeepWhereverTheyBegin() {
    Map<String, String> files = new HashMap<>();
    for (int i = 1; i < 12; i++) {
      files.put(file("f" + i), calling("f" + (i + 1)));
    }
    files.put(
        file("f12"),
        Workflows.job("runs-on: x\nsteps: [{run: y}]").replace("push", "workflow_call"));

    assertThat(findings(calling("f4"), files)).isEmpty();
    assertThat(findings(calling("f3"), files))
        .containsExactly(
            ".github/workflows/f11.yml:3:14: Nested reusable workflow depth exceeded 9.");
    // What was read already for another call counts where it is called again.
    assertThat(findings(calling("f5", "f4", "f3"), files))
        .containsExactly(
            ".github/workflows/f3.yml:3:14: Nested reusable workflow depth exceeded 9.");
  }

  @Test
  void filesThatMultiplyEachOtherAreRefusedAtOnce() {
    Map<String, String> files = new HashMap<>();
    for (int i = 1; i < 9; i++) {
      String next = "f" + (i + 1);
      files.put(file("f" + i), calling(Collections.nCopies(200, next).toArray(String[]::new)));
    }
    files.put(file("f9"), CALLABLE.replace("required: true", "required: false"));

    assertThat(findings(calling("f1"), files))
        .hasSize(2)
        .anyMatch(line -> line.startsWith("ci.yml:3:14: The workflow may not contain more than"))
        .anyMatch(line ->
            line.contains(
                "f7.yml:22:15: Error from called workflow .github/workflows/f8.yml: Maximum"));
  }

  @Test
  void refusesMoreThanFiftyFiles() {
    Map<String, String> files = new HashMap<>();
    String[] names = new String[51];
    for (int i = 0; i < names.length; i++) {
      names[i] = "f" + i;
      files.put(
          file(names[i]),
          Workflows.job("runs-on: x\nsteps: [{run: y}]").replace("push", "workflow_call"));
    }

    assertThat(findings(calling(names), files))
        .containsExactly("ci.yml:53:15: too many workflows are referenced, total: 51, limit: 50");
  }

  @ParameterizedTest
  @CsvSource({
    "./.github/workflows/a.yml, ''",
    "./.fairway/workflows/a.yaml, ''",
    "owner/name/.github/workflows/a.yml@v1, ''",
    "project/.fairway/workflows/a.yml@refs/heads/main, ''",
    "owner/name/.github/workflows/a.yml, no version specified",
    "owner/name/.github/workflows/a.yml@, no version specified",
    "./.github/workflows/a.yml@v1, without '@'",
    "./a.yml, must be rooted in",
    "./x/.github/workflows/a.yml, must be rooted in",
    "a/b/c/.github/workflows/a.yml@v1, must be rooted in",
    "../b/.github/workflows/a.yml@v1, must be rooted in",
    "a/../.github/workflows/a.yml@v1, must be rooted in",
    "owner/name/.github/workflows/x/a.yml@v1, at the top level",
    "./.github/workflows/../a.yml, at the top level",
    "./.github/workflows/a.json, must end with .yml or .yaml",
  })
  void aReferenceHasOneOfTwoForms(String text, String problem) {
    if (problem.isEmpty()) {
      assertThat(WorkflowReference.problem(text)).isEqualTo(Optional.empty());
    } else {
      assertThat(WorkflowReference.problem(text).orElse("")).contains(problem);
    }
  }

  @Test
  void aReferenceNamesItsParts() {
    WorkflowReference remote = new WorkflowReference("o/n/.github/workflows/a.yml@refs/heads/x");
    assertThat(remote.repository()).isEqualTo("o/n");
    assertThat(remote.path()).isEqualTo(".github/workflows/a.yml");
    assertThat(remote.ref()).isEqualTo("refs/heads/x");
    assertThat(new WorkflowReference("./.github/workflows/a.yml").path())
        .isEqualTo(".github/workflows/a.yml");
  }

  @Test
  void aJobIsOfOneKind() {
    assertThat(
            Workflows.findings(
                """
                on: push
                jobs:
                  a:
                    runs-on: x
                    uses: ./.github/workflows/a.yml
                    steps: [{run: y}]
                  b:
                    uses: ./.github/workflows/a.yml
                    env: {A: b}
                  c:
                    name: nothing
                """))
        .contains("ci.yml:5:5: Unexpected value 'uses'", "ci.yml:9:5: Unexpected value 'env'")
        .anyMatch(line -> line.startsWith("ci.yml:11:5: There's not enough info"));
  }
}
