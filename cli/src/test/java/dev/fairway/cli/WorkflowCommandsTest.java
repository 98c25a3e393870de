package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
                permissions: read-all
                steps:
                  - run: echo ${{ secret.X }}
            """);

    var result = MainTest.execute("check", file.toString());

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.out())
        .contains(file + ":5:5: 'permissions' is not supported yet")
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
