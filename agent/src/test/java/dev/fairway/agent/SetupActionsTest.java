package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SetupActionsTest {
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

  @Test
  void javaOfTheMachineBecomesTheJobs() throws Exception {
    var version = Runtime.version().feature();
    var result =
        run(
            """
            - id: java
              uses: actions/setup-java@v4
              with: { distribution: temurin, java-version: '%d' }
            - run: |
                "$JAVA_HOME/bin/javac" -version
                [ "$(command -v java)" = "$JAVA_HOME/bin/java" ] && echo "first on the path"
                [ "$JAVA_HOME" = "${{ steps.java.outputs.path }}" ] && echo told
            """
                .formatted(version));

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("first on the path", "told");
    assertThat(run.log()).contains("javac " + version);
  }

  @Test
  void aVersionThatIsNotThereIsRefusedWithThoseThatAre() throws Exception {
    var result =
        run("- uses: actions/setup-java@v4\n  with: { distribution: zulu, java-version: 7 }\n");

    assertThat(result.outcome()).isEqualTo(Outcome.FAILURE);
    assertThat(result.reason())
        .contains("Java 7 is not on this machine, which has ")
        .contains(System.getProperty("java.version"));
  }

  @Test
  void pythonIsFoundUnderItsPlainName() throws Exception {
    var result =
        run(
            """
            - run: echo "3" > .python-version
            - uses: actions/setup-python@v5
              id: python
              with: { python-version-file: .python-version }
            - run: python -c 'import sys; print("major", sys.version_info[0])'
            """);

    assertThat(result.outcome()).as(run.log()).isEqualTo(Outcome.SUCCESS);
    assertThat(run.lines).contains("major 3");
  }

  @ParameterizedTest
  @CsvSource({
    "21, 21.0.4, true", "21, 17.0.1, false", "3.1, 3.11.2, false", "3.11, 3.11.2, true",
    "20.x, v20.20.2, true", "^20.9, v20.20.2, true", "^20.9, v20.8.0, false",
        "~3.11.1, 3.12.0, false",
    ">=18 <21, v20.1.0, true", ">=18 <21, v21.0.0, false", "*, 1.2, true", "25, 25, true"
  })
  void rangesTakeWhatTheySay(String range, String version, boolean taken) {
    assertThat(VersionRange.parse(range).orElseThrow().contains(version)).isEqualTo(taken);
  }

  @Test
  void whatIsNoRangeIsNone() {
    assertThat(VersionRange.parse("iron")).isEmpty();
    assertThat(VersionRange.parse("")).isEmpty();
  }
}
