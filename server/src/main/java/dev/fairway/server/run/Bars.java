package dev.fairway.server.run;

import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.run.report.TestReport.Verdict;
import dev.fairway.server.web.Format;
import dev.fairway.server.web.StateMark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A figure over the latest runs, the oldest on the left.
///
/// @param width of the drawing in its own units
public record Bars(int width, int height, List<Bar> bars) {
  private static final int HEIGHT = 64;
  private static final int STEP = 10;
  private static final int LEAST = 3;

  /// @param label what it stands for, in words
  public record Bar(
      int x, int y, int width, int height, StateMark mark, String href, String label) {}

  public Bars {
    bars = List.copyOf(bars);
  }

  /// How long a test took.
  ///
  /// @param history the latest first
  static Bars ofHistory(String project, List<TestHistory.Entry> history) {
    var most =
        Math.max(1, history.stream().mapToLong(TestHistory.Entry::durationMillis).max().orElse(1));
    var bars = new ArrayList<Bar>();
    for (var entry : history.reversed()) {
      var share = (double) entry.durationMillis() / most;
      var mark =
          switch (entry.verdict()) {
            case PASSED -> StateMark.OK;
            case FAILED -> StateMark.BAD;
            case SKIPPED -> StateMark.OFF;
          };
      bars.add(
          bar(
              bars.size(),
              share,
              mark,
              path(project, entry.runNumber()) + "?job=" + entry.jobId(),
              "Run #%d, %s: %s in %s"
                  .formatted(
                      entry.runNumber(),
                      entry.job(),
                      entry.verdict().word(),
                      entry.verdict() == Verdict.SKIPPED
                          ? "no time"
                          : Format.duration(Duration.ofMillis(entry.durationMillis())))));
    }
    return of(bars);
  }

  /// How much of the lines was covered.
  ///
  /// @param runs the latest first
  static Bars ofCoverage(String project, List<CoverageResults.OfRun> runs) {
    var bars = new ArrayList<Bar>();
    for (var run : runs.reversed()) {
      var percent = run.totals().linePercent();
      bars.add(
          bar(
              bars.size(),
              percent / 100,
              StateMark.RUN,
              path(project, run.runNumber()),
              String.format(Locale.ROOT, "Run #%d: %.1f %% of lines", run.runNumber(), percent)));
    }
    return of(bars);
  }

  private static Bars of(List<Bar> bars) {
    return new Bars(Math.max(STEP, bars.size() * STEP), HEIGHT, bars);
  }

  private static Bar bar(int place, double share, StateMark mark, String href, String label) {
    var height = Math.max(LEAST, (int) Math.round(share * HEIGHT));
    return new Bar(place * STEP, HEIGHT - height, STEP - 2, height, mark, href, label);
  }

  private static String path(String project, long number) {
    return "/projects/" + project + "/runs/" + number;
  }
}
