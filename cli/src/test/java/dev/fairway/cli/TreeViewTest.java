package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.JobEvent;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.JobKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TreeViewTest {
  private static final JobKey BUILD = new JobKey("build", 0);

  private final StringWriter printed = new StringWriter();
  private final Screen screen = new Screen(new PrintWriter(printed), new Terminal.Size(10, 40));
  private Instant now = Instant.EPOCH;
  private final TreeView view = new TreeView(screen, Style.PLAIN, () -> now);

  private String painted() {
    printed.getBuffer().setLength(0);
    view.paint();
    return printed.toString();
  }

  private void step(int index, String name) {
    view.event(BUILD, new JobEvent.StepStarted(now, index, name, 0, 0));
  }

  private void stepEnded(int index, Outcome outcome) {
    view.event(BUILD, new JobEvent.StepFinished(now, index, outcome, outcome));
  }

  private void begin() {
    view.planned(
        List.of(new RunView.Planned("build", "build"), new RunView.Planned("ship", "ship")));
    view.began(BUILD, "build");
  }

  @Test
  void showsTheRunningStepWithItsLastLineAndWhoWaits() {
    begin();
    step(0, "Set up job");
    now = now.plusMillis(200);
    stepEnded(0, Outcome.SUCCESS);
    step(1, "Run make");
    view.line(BUILD, "##[group]Run make");
    view.line(BUILD, "secret script");
    view.line(BUILD, "##[endgroup]");
    view.line(BUILD, "compiling\u001b[2J");
    now = now.plusMillis(1_000);

    assertThat(painted())
        .contains(
            "* build  1.2s\n  + Set up job  0.2s\n  * Run make  1.0s  compiling\nwaiting: ship\n")
        .doesNotContain("secret script");
  }

  @Test
  void aFailedJobStaysWithTheEndOfItsFailedStep() {
    begin();
    step(1, "Run make");
    view.line(BUILD, "##[endgroup]");
    for (var line = 1; line <= JobBranch.LAST_LINES + 5; line++) {
      view.line(BUILD, "line " + line);
    }
    view.line(BUILD, "##[error]Process completed with exit code 2.");
    stepEnded(1, Outcome.FAILURE);
    view.ended(new LocalRun.EndedJob(BUILD, "build", Outcome.FAILURE, 1_500, "no", Map.of()));

    assertThat(painted())
        .contains("x build  1.5s\n  x Run make  0.0s\n    line 7\n")
        .contains("    line 25\n    error: Process completed with exit code 2.\nwaiting: ship\n")
        .doesNotContain("line 6\n");
  }

  @Test
  void showsStepsThatRunBesideEachOther() {
    begin();
    step(1, "Serve");
    view.line(BUILD, "[server] listening");
    step(2, "Test");
    view.line(BUILD, "##[group]Run test");
    view.line(BUILD, "its script");
    view.line(BUILD, "##[endgroup]");
    view.line(BUILD, "##[group]Results");
    view.line(BUILD, "tested");

    assertThat(painted())
        .contains("  * Serve  0.0s  \n  * Test  0.0s  tested\n")
        .doesNotContain("its script");

    stepEnded(2, Outcome.SUCCESS);
    view.line(BUILD, "[server] bye");

    assertThat(painted()).contains("  + Test  0.0s\n  * Serve  0.0s  [server] bye\n");
  }

  @Test
  void drawsOverWhatItDrewAndNoLongerThanTheTerminalIsWide() {
    begin();
    step(1, "Run a command with a name that is longer than the line");
    painted();
    now = now.plusSeconds(1);

    var again = painted();

    assertThat(again).startsWith("\u001b[?25l\u001b[3A\r\u001b[J");
    assertThat(again.lines().map(line -> line.replaceAll("\u001b\\[[?0-9]*[A-Za-z]", "")))
        .allSatisfy(line -> assertThat(line.length()).isLessThan(40))
        .anySatisfy(line -> assertThat(line).endsWith("…"));
  }

  @Test
  void neverTakesMoreRowsThanThereAre() {
    view.planned(List.of(new RunView.Planned("ship", "ship")));
    for (var index = 0; index < 30; index++) {
      var key = new JobKey("job", index);
      view.began(key, "job " + index);
      view.event(key, new JobEvent.StepStarted(now, 0, "Set up job", 0, 0));
      view.event(key, new JobEvent.StepFinished(now, 0, Outcome.SUCCESS, Outcome.SUCCESS));
      view.event(key, new JobEvent.StepStarted(now, 1, "Run it", 0, 0));
    }

    var rows = painted().substring("\u001b[?25l\r\u001b[J".length()).lines().toList();

    assertThat(rows).hasSizeLessThan(10);
    assertThat(rows).anySatisfy(row -> assertThat(row).contains("26 more run"));
  }

  @Test
  void leavesTheCursorVisibleAndNothingThatMoves() {
    begin();
    painted();
    printed.getBuffer().setLength(0);

    view.close();

    assertThat(printed.toString()).endsWith("\r\u001b[J\u001b[?25h");
    assertThat(painted()).isEmpty();
  }
}
