package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fairway.api.Json;
import dev.fairway.workflow.LocalActions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkflowCommandsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  @Test
  void checkPointsAtLineAndColumnAndEndsWithBadInput() throws IOException {
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            """
            on: push
            jobs:
              build:
                runs-on: linux
                snapshot: image
                steps:
                  - run: echo ${{ secret.X }}
            """);

    var result = MainTest.execute("check", file.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.out())
        .contains(file + ":5:5: 'snapshot' ")
        .contains(file + ":7:14: Unrecognized named-value: 'secret'.")
        .endsWith("1 workflow checked, 2 errors" + System.lineSeparator());
  }

  @Test
  void checkOfAValidWorkflowSucceedsAlsoAsJson() throws IOException {
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            """
            on: push
            jobs:
              build:
                runs-on: linux
                steps:
                  - run: echo hi
            """);

    var result = MainTest.execute("check", "--json", file.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.SUCCESS);
    assertThat(result.out()).contains("\"valid\" : true").contains("\"diagnostics\" : [ ]");
  }

  @Test
  void checkOfAFileThatIsNotThereIsBadInput() {
    var result = MainTest.execute("check", folder.resolve("none.yml").toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err()).contains("none.yml does not exist.");
  }

  /// An error, a warning, and scripts for shellcheck: a block, whose lines are known, and a line.
  private Path faulty() throws IOException {
    return Files.writeString(
        folder.resolve("faulty.yml"),
        """
        on: push
        jobs:
          title:
            runs-on: linux
            steps:
              - run: echo ${{ github.event.issue.title }}
          scripts:
            needs: title
            runs-on: linux
            steps:
              - run: |
                  name=$1${{ needs.title.result }}

                  if [ $name = x ]; then echo "$name"; fi
              - run: cat $HOME
              - run: print($HOME)
                shell: python
        """);
  }

  @Test
  void checkAsSarifNamesRulesPlacesAndLevels() throws IOException {
    var result = MainTest.execute("check", "--format", "sarif", faulty().toString());

    assertThat(result.exit()).isEqualTo(ExitCode.SUCCESS);
    var run = Json.MAPPER.readTree(result.out()).at("/runs/0");
    assertThat(run.at("/tool/driver/name").asString()).isEqualTo("fairway");
    var finding = run.at("/results/0");
    assertThat(finding.path("ruleId").asString()).isEqualTo("script-injection");
    assertThat(run.at("/tool/driver/rules/" + finding.path("ruleIndex").asInt() + "/id").asString())
        .isEqualTo("script-injection");
    assertThat(finding.path("level").asString()).isEqualTo("warning");
    var place = finding.at("/locations/0/physicalLocation");
    assertThat(place.at("/artifactLocation/uri").asString()).endsWith("faulty.yml");
    assertThat(place.at("/region/startLine").asInt()).isEqualTo(6);
    assertThat(place.at("/region/startColumn").asInt()).isEqualTo(19);
    assertThat(run.path("columnKind").asString()).isEqualTo("unicodeCodePoints");
  }

  @Test
  void checkAsWorkflowCommandsAnnotatesTheRunThatPrintsThem() throws IOException {
    var result = MainTest.execute("check", "--format", "github", faulty().toString());

    assertThat(result.out())
        .contains("faulty.yml,line=6,col=19,title=script-injection::'github.event.issue.title' is")
        .startsWith("::warning file=");
  }

  @Test
  void strictCheckTakesAWarningForAnError() throws IOException {
    assertThat(MainTest.execute("check", "--strict", faulty().toString()).exit())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void checkAsksShellcheckAboutEveryShellScript() throws IOException {
    assumeThat(new ProcessBuilder("sh", "-c", "command -v shellcheck"))
        .as("shellcheck is installed")
        .satisfies(probe -> assertThat(probe.start().waitFor()).isZero());
    var file = faulty();

    var result = MainTest.execute("check", file.toString());

    assertThat(result.out().lines().filter(line -> line.contains("SC")))
        .containsExactly(
            file + ":14:16: warning: SC2086: Double quote to prevent globbing and word splitting.",
            file + ":15:18: warning: SC2086: Double quote to prevent globbing and word splitting.");
  }

  @Test
  void checkLooksAtTheActionsOfTheRepository() throws IOException {
    var action = Files.createDirectories(folder.resolve("greet"));
    Files.writeString(
        action.resolve("action.yaml"),
        """
        name: Greet
        inputs:
          who: {required: true}
          loud: {default: 'no', deprecationMessage: Shout yourself}
        outputs: {text: {description: What was said}}
        runs: {using: node20, main: main.js}
        """);
    var broken = Files.createDirectories(folder.resolve("broken"));
    Files.writeString(broken.resolve("action.yml"), "name: B\nruns: {using: node20, mian: a.js}\n");
    var file = Files.createDirectories(folder.resolve(".github/workflows")).resolve("ci.yml");
    Files.writeString(
        file,
        """
        on: push
        jobs:
          build:
            runs-on: linux
            steps:
              - id: greet
                uses: ./greet
                with: {whom: you, loud: 'yes'}
              - run: echo ${{ steps.greet.outputs.text }} ${{ steps.greet.outputs.txt }}
              - uses: ./broken
              - uses: ./nowhere
              - uses: $/nowhere
        """);

    var result = MainTest.execute("check", file.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.out().lines())
        .containsExactly(
            file + ":6:9: warning: ./greet asks for who, which is not given",
            file
                + ":8:16: warning: ./greet has no input 'whom', so it has no effect. It has loud,"
                + " who",
            file + ":8:27: warning: The input 'loud' of ./greet is deprecated: Shout yourself",
            file
                + ":9:51: warning: 'steps.greet.outputs.txt' is always null: the action of the step"
                + " 'greet' has no output 'txt'",
            file
                + ":11:9: warning: There is no action in "
                + folder.resolve("nowhere")
                + "; a step before this one must bring it",
            file
                + ":12:9: There is no action in "
                + folder.resolve("nowhere")
                + ", where '$/nowhere' looks for one",
            folder.resolve("broken/action.yml") + ":2:7: Required property is missing: main",
            folder.resolve("broken/action.yml") + ":2:23: Unexpected value 'mian'",
            "1 workflow checked, 3 errors, 5 warnings");
  }

  @Test
  void theRootOfTheFolderHasAName() {
    assertThat(new RepositoryActions(Path.of("")).find(""))
        .isEqualTo(new LocalActions.Answer.Missing("."));
  }

  @Test
  void aFileThatCannotBeReadHidesNothingOfTheOthers() throws IOException {
    var latin = folder.resolve("latin.yml");
    Files.write(latin, "on: push\nname: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    var faulty = faulty();

    var result = MainTest.execute("check", latin.toString(), faulty.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.out())
        .startsWith(
            latin
                + ":1:1: "
                + latin
                + " is not UTF-8 text from line 2, column 10 on. Save it as UTF-8.")
        .contains(faulty + ":6:19: warning: 'github.event.issue.title'");
  }

  @Test
  void aMistakeHidesNoWarning() throws IOException {
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            """
            on: push
            jobs:
              build:
                runs-on: linux
                stepps: []
                steps:
                  - run: |
                      # The title
                      echo ${{ github.event.issue.title }} ${{ steps.build.outcome }}
            """);

    assertThat(MainTest.execute("check", file.toString()).out().lines())
        .contains(
            file + ":5:5: Unexpected value 'stepps'. Did you mean 'steps'?",
            file
                + ":9:16: warning: 'github.event.issue.title' is text that strangers choose, and"
                + " here it becomes part of the script; pass it through `env` and use the variable")
        .as("what may be there after all")
        .noneMatch(line -> line.contains("steps.build"));
  }

  @Test
  void evalPrintsTheResultAsJson() throws IOException {
    var file =
        Files.writeString(
            folder.resolve("context.json"), "{\"github\": {\"ref\": \"refs/tags/v1\"}}");

    var result =
        MainTest.execute("eval", "${{ format('{0}!', github.ref) }}", "--context", file.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).isEqualTo("\"refs/tags/v1!\"" + System.lineSeparator());
  }

  @Test
  void evalOfNonsenseIsBadInputAndSaysWhere() {
    var result = MainTest.execute("eval", "1 +");

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err()).contains("Unexpected symbol: '+'. Located at position 3");
  }
}
