package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.agent.CheckoutSource;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunCommandTest {
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        build:
          runs-on: linux
          strategy:
            matrix:
              colour: [red, green]
          outputs:
            made: ${{ steps.make.outputs.made }}
          steps:
            - uses: actions/checkout@v4
            - id: make
              run: echo "made=$(cat colour) ${{ matrix.colour }} $KEY" | tee -a $GITHUB_OUTPUT
              env:
                KEY: ${{ secrets.KEY }}
        ship:
          needs: build
          runs-on: linux
          steps:
            - run: echo "needs ${{ needs.build.result }} on ${{ github.ref_name }}"
            - run: exit 5
        late:
          needs: ship
          runs-on: linux
          steps:
            - run: echo never
      """;

  @TempDir Path folder;
  private final StringWriter printed = new StringWriter();

  private LocalRun.Result run(Workflow workflow) throws Exception {
    Files.writeString(folder.resolve("colour"), "blue");
    var settings =
        new LocalRun.Settings(
            new LocalSource("payments", "0".repeat(40), "refs/heads/main", "ada"),
            "push",
            "{}",
            Map.of("KEY", "sesame-open"),
            Map.of(),
            new CheckoutSource.Folder(folder));
    return LocalRun.run(workflow, settings, false, new PrintWriter(printed, true));
  }

  private static Workflow workflow() {
    return ((ParseResult.Valid) WorkflowParser.parse("ci.yml", WORKFLOW)).workflow();
  }

  @Test
  void runsTheJobsInTheirOrderAndSkipsWhatAFailureStops() throws Exception {
    var result = run(workflow());

    assertThat(result.outcome()).as(printed.toString()).isEqualTo(Outcome.FAILURE);
    assertThat(result.jobs())
        .extracting(job -> job.job() + " " + job.outcome().word())
        .containsExactly("build success", "build success", "ship failure", "late skipped");
    assertThat(printed.toString())
        .contains("made=blue red ***", "made=blue green ***")
        .contains("[ship] needs success on main")
        .doesNotContain("sesame-open")
        .doesNotContain("never");
  }

  @Test
  void runsOneJobWithThoseThatItNeeds() {
    assertThat(LocalRun.only(workflow(), "ship").jobs()).containsOnlyKeys("build", "ship");
    assertThat(LocalRun.only(workflow(), "build").jobs()).containsOnlyKeys("build");
  }

  @Test
  void anInvalidWorkflowIsBadInput() throws Exception {
    var file = Files.writeString(folder.resolve("bad.yml"), "on: push\njobs: 3\n");

    assertThat(Main.run("run", "-W", file.toString())).isEqualTo(ExitCode.BAD_INPUT);
  }
}
