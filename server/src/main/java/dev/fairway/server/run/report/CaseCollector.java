package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.Execution;
import dev.fairway.server.run.report.TestReport.TestCase;
import dev.fairway.server.run.report.TestReport.Verdict;
import java.util.ArrayList;
import java.util.List;

/// Gathers the cases of one report within its limits, whatever the format.
final class CaseCollector {
  static final int MAX_NAME_CHARS = 400;
  static final int MAX_MESSAGE_CHARS = 1_000;
  static final int MAX_DETAIL_CHARS = 16 << 10;
  private static final int MAX_COUNTED_CASES = 1_000_000;

  private final String file;
  private final List<TestCase> cases = new ArrayList<>();
  private final List<Execution> executions = new ArrayList<>();
  private int passed;
  private int failed;
  private int skipped;
  private long durationMillis;

  CaseCollector(String file) {
    this.file = file;
  }

  /// Takes one case.
  ///
  /// @param message one line; where it is empty, the first one of the detail stands for it
  void add(String suite, String name, Verdict verdict, String message, String detail, long millis)
      throws UnreadableReportException {
    if (count() >= MAX_COUNTED_CASES) {
      throw new UnreadableReportException("it has more than " + MAX_COUNTED_CASES + " cases", 0);
    }
    switch (verdict) {
      case PASSED -> passed++;
      case FAILED -> failed++;
      case SKIPPED -> skipped++;
    }
    durationMillis += millis;
    var shortSuite = cut(suite, MAX_NAME_CHARS);
    var shortName = cut(name, MAX_NAME_CHARS);
    if (executions.size() < TestReport.MAX_EXECUTIONS) {
      executions.add(new Execution(shortSuite, shortName, verdict, millis));
    }
    if (verdict != Verdict.PASSED && cases.size() < TestReport.MAX_CASES) {
      var said = message.isBlank() ? detail.lines().findFirst().orElse("") : message;
      cases.add(
          new TestCase(
              shortSuite,
              shortName,
              verdict,
              cut(said.strip(), MAX_MESSAGE_CHARS),
              cut(detail.strip(), MAX_DETAIL_CHARS),
              millis));
    }
  }

  int count() {
    return passed + failed + skipped;
  }

  TestReport report() {
    return new TestReport(file, passed, failed, skipped, durationMillis, cases, executions);
  }

  /// The text as a column holds it: bounded, and without NUL.
  static String cut(String text, int max) {
    var clean = text.indexOf('\0') < 0 ? text : text.replace("\0", "");
    if (clean.length() <= max) {
      return clean;
    }
    // Half of a surrogate pair cannot be stored.
    var end = Character.isHighSurrogate(clean.charAt(max - 2)) ? max - 2 : max - 1;
    return clean.substring(0, end) + "…";
  }

  /// Milliseconds of a number of seconds; 0 where it is none.
  static long millis(String seconds) {
    try {
      var value = Double.parseDouble(seconds.replace(",", ""));
      return value >= 0 && value < 1e9 ? Math.round(value * 1_000) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
