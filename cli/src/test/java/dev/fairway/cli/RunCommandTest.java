package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"--plain", "--dry-run"})
  void aGroupOfTheWholeRunThatIsNoneIsBadInputBeforeAnythingRuns(String how) throws Exception {
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            "on: push\nconcurrency: ${{ fromJSON('{\"grup\":1}') }}\n"
                + "jobs: {a: {runs-on: x, steps: [{run: echo ran}]}}\n");

    var result = MainTest.execute("run", how, "-W", file.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err())
        .contains("ci.yml:2:14: Unexpected value 'grup'. Expected group, cancel-in-progress");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void anInvalidWorkflowIsBadInput() throws Exception {
    var file = Files.writeString(folder.resolve("bad.yml"), "on: push\njobs: 3\n");

    assertThat(Main.run("run", "-W", file.toString())).isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void listsTheJobsAfterThoseThatTheyNeed() throws Exception {
    var file = Files.writeString(folder.resolve("ci.yml"), LocalRunTest.WORKFLOW);

    var listed = MainTest.execute("run", "--list", "-W", file.toString());

    assertThat(listed.exit()).isZero();
    assertThat(listed.out())
        .contains("\n  build\n     └─ ship  after build\n        └─ late  after ship\n");
  }

  @Test
  void aDryRunNamesWhatWouldRunAndRunsNothing() throws Exception {
    var file = Files.writeString(folder.resolve("ci.yml"), LocalRunTest.WORKFLOW);

    var planned = MainTest.execute("run", "--dry-run", "-W", file.toString());

    assertThat(planned.exit()).isZero();
    assertThat(planned.out())
        .contains("1. build (red)  runs on [linux]")
        .contains("1. build (green)")
        .contains("2. ship")
        .contains("- Run exit 5")
        .contains("3. late");
  }

  @Test
  void unpacksArtifactsIntoFoldersOfTheirNames() throws Exception {
    var file =
        Files.writeString(
            folder.resolve("ci.yml"),
            """
            on: workflow_dispatch
            jobs:
              make:
                runs-on: linux
                steps:
                  - run: mkdir out && echo made > out/file
                  - uses: actions/upload-artifact@v4
                    with: {name: thing, path: out}
            """);
    var into = folder.resolve("artifacts");

    var result =
        MainTest.execute(
            "run",
            "--no-sandbox",
            "-e",
            "workflow_dispatch",
            "-W",
            file.toString(),
            "--artifacts",
            into.toString());

    assertThat(result.exit()).as(result.out() + result.err()).isZero();
    assertThat(into.resolve("thing/file")).hasContent("made");
    assertThat(result.out()).contains("artifact: " + into.resolve("thing"));
  }
}
