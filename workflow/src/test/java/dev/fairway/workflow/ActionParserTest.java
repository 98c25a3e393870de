package dev.fairway.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActionParserTest {
  private static ActionDefinition valid(String text) {
    ActionFile file = ActionParser.parse("action.yml", text);
    assertThat(file).as(file.diagnostics().toString()).isInstanceOf(ActionFile.Valid.class);
    return ((ActionFile.Valid) file).action();
  }

  private static List<String> found(String text) {
    return ActionParser.parse("action.yml", text).diagnostics().stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void readsACompositeAction() {
    ActionDefinition action =
        valid(
            """
            name: Greet
            description: Says hello
            inputs:
              who:
                description: whom
                required: true
                default: ${{ github.actor }}
              loud:
                default: false
                deprecationMessage: It is always loud
            outputs:
              text:
                value: ${{ steps.say.outputs.text }}
            runs:
              using: composite
              steps:
                - id: say
                  run: echo "text=${{ inputs.who }}" >> "$GITHUB_OUTPUT"
                  shell: bash
                - uses: ./other
                  with:
                    a: ${{ steps.say.outputs.text }}
            """);

    Contexts contexts = Contexts.empty().with("github", Value.ofStrings(Map.of("actor", "ada")));
    assertThat(action.inputs(Map.of("LOUD", "yes"), contexts))
        .isEqualTo(Map.of("who", "ada", "loud", "yes"));
    assertThat(((ActionRuns.Composite) action.runs()).steps()).hasSize(2);
    assertThat(((Step.Uses) ((ActionRuns.Composite) action.runs()).steps().get(1)).action())
        .isEqualTo(new ActionReference.Local("other", "./other"));
  }

  @Test
  void readsAJavaScriptActionWithItsHooks() {
    ActionDefinition action =
        valid(
            """
            name: Node
            runs:
              using: node20
              main: dist/main.js
              pre: dist/pre.js
              post: dist/post.js
              post-if: success()
            """);

    ActionRuns.JavaScript runs = (ActionRuns.JavaScript) action.runs();
    Contexts failed = Contexts.empty().with(Contexts.Status.of(Outcome.FAILURE));
    assertThat(runs.version()).isEqualTo(20);
    assertThat(runs.pre().orElseThrow().condition().holdsAlone(failed)).isTrue();
    assertThat(runs.post().orElseThrow().program()).isEqualTo("dist/post.js");
    assertThat(runs.post().orElseThrow().condition().holdsAlone(failed)).isFalse();
  }

  @Test
  void readsAContainerAction() {
    ActionDefinition action =
        valid(
            """
            name: Box
            inputs: { who: { default: me } }
            runs:
              using: docker
              image: Dockerfile
              args: ['-v', '${{ inputs.who }}']
              env: { NAME: '${{ inputs.who }}' }
              post-entrypoint: /clean.sh
            """);

    ActionRuns.Container runs = (ActionRuns.Container) action.runs();
    Contexts contexts = Contexts.empty().with("inputs", Value.ofStrings(Map.of("who", "ada")));
    assertThat(runs.args().evaluate(contexts).toCompactJson()).isEqualTo("[\"-v\",\"ada\"]");
    assertThat(runs.env().strings(contexts)).isEqualTo(Map.of("NAME", "ada"));
  }

  @Test
  void refusesWithPlaceWhatCannotRun() {
    assertThat(found("name: A\nruns:\n  using: node16\n  main: a.js\n"))
        .containsExactly(
            "action.yml:3:10: 'node16' has been retired; use a newer version of the action, one"
                + " that is written for node20 or node24");
    assertThat(found("name: A\nruns:\n  using: node20\n"))
        .containsExactly("action.yml:3:3: Required property is missing: main");
    assertThat(found("name: A\nruns:\n  using: plugin\n"))
        .containsExactly(
            "action.yml:3:10: Unexpected value 'plugin'. Expected composite, docker, node20 or"
                + " node24");
    assertThat(
            found(
                """
                name: A
                runs:
                  using: composite
                  steps:
                    - run: echo ${{ secrets.TOKEN }}
                      timeout-minutes: 3
                    - uses: nothing
                """))
        .containsExactly(
            "action.yml:5:7: Required property is missing: shell",
            "action.yml:5:12: Unrecognized named-value: 'secrets'. Located at position 1 within"
                + " expression: secrets.TOKEN. Available here: github, inputs, strategy, matrix,"
                + " steps, job, runner, env",
            "action.yml:6:7: Unexpected value 'timeout-minutes'",
            "action.yml:7:13: Expected format {org}/{repo}[/path]@ref. Actual 'nothing'");
    assertThat(found("")).containsExactly("action.yml:1:1: The action is empty");
  }

  @Test
  void whatIsOnlyForCataloguesIsAWarning() {
    assertThat(found("name: A\nkind: x\nruns: { using: node24, main: a.js }\n"))
        .containsExactly("action.yml:2:1: warning: 'kind' has no meaning here, and no effect");
  }

  @ParameterizedTest
  @CsvSource({
    "actions/checkout@v4, Builtin",
    "actions/cache/save@v4, Builtin",
    "foo/bar@v1, Repository",
    "foo/bar/sub/folder@0123456789012345678901234567890123456789, Repository",
    "foo/bar@feature/x, Repository",
    "./.github/actions/one, Local",
    "docker://alpine:3.20, Docker",
    "docker://ghcr.io/a/b@sha256:0123, Docker",
  })
  void namesEveryKindOfAction(String text, String kind) {
    assertThat(ActionReference.read(text))
        .isInstanceOfSatisfying(
            ActionReference.Reading.Named.class,
            named -> assertThat(named.reference().getClass().getSimpleName()).isEqualTo(kind));
  }

  @ParameterizedTest
  @CsvSource({
    "foo//bar@v1",
    "foo/../bar@v1",
    "foo/bar@-v1",
    "./../outside",
    "docker://",
    "docker://-x",
    "foo/bar@a..b",
    "foo/b r@v1"
  })
  void refusesNamesUnderWhichItLooksNothingUp(String text) {
    assertThat(ActionReference.read(text)).isInstanceOf(ActionReference.Reading.Refused.class);
  }

  @ParameterizedTest
  @CsvSource({"foo", "foo@v1", "foo/bar", "foo/bar@", "foo/bar@v1@v2", "/foo/@v1"})
  void findsWhatNamesNoAction(String text) {
    assertThat(ActionReference.read(text))
        .isEqualTo(
            new ActionReference.Reading.Malformed(
                "Expected format {org}/{repo}[/path]@ref. Actual '" + text + "'"));
  }
}
