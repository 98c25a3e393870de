package dev.fairway.server.run;

import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.run.report.TestReport;
import dev.fairway.server.run.report.TestResults;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Takes the test reports that an uploaded artifact holds.
public final class TestReports {
  /// Numbers of annotations that no event of an agent has.
  private static final long FIRST_NUMBER = 1L << 32;

  private final RunEvidence evidence;

  TestReports(RunEvidence evidence) {
    this.evidence = evidence;
  }

  /// The predicate of the in-toto test result, version 0.1.
  ///
  /// @param result `PASSED` or `FAILED`
  /// @param configuration what said which tests to run
  /// @param passedTests the first of them
  record TestResultPredicate(
      String result,
      List<Configuration> configuration,
      List<String> passedTests,
      List<String> failedTests,
      Counts counts) {
    record Configuration(String name, String uri) {}

    /// Ours: the lists above are bounded, these are not.
    record Counts(int passed, int failed, int skipped) {}
  }

  /// Keeps the reports in the transaction that keeps the artifact, and records what they say.
  public void keep(Handle tx, Leases.Held held, String artifact, ReportZip.Found found) {
    var job = held.job();
    var run = held.run();
    var number = FIRST_NUMBER;
    for (var sentence : found.unreadable()) {
      DetailStore.annotate(
          tx,
          run.id(),
          number++,
          new Annotation(
              job.id(), -1, "warning", "Artifact " + artifact + ": " + sentence, null, 0, 0));
    }
    if (found.reports().isEmpty()) {
      return;
    }
    TestResults.keep(tx, run.id(), job.id(), artifact, found.reports());
    evidence.record(tx, PredicateType.TEST_RESULT, run, predicate(run, found), job.agent());
    Topics.changed(tx, run.id(), run.projectId());
  }

  private static TestResultPredicate predicate(Run run, ReportZip.Found found) {
    var reports = found.reports();
    var failed = reports.stream().mapToInt(TestReport::failed).sum();
    return new TestResultPredicate(
        failed == 0 ? "PASSED" : "FAILED",
        List.of(
            new TestResultPredicate.Configuration(
                run.workflowPath(), "git:" + run.commit() + ":" + run.workflowPath())),
        reports.stream().flatMap(report -> report.passedNames().stream()).limit(1_000).toList(),
        reports.stream()
            .flatMap(report -> report.cases().stream())
            .filter(one -> one.verdict() == TestReport.Verdict.FAILED)
            .map(one -> one.suite() + "." + one.name())
            .limit(1_000)
            .toList(),
        new TestResultPredicate.Counts(
            reports.stream().mapToInt(TestReport::passed).sum(),
            failed,
            reports.stream().mapToInt(TestReport::skipped).sum()));
  }
}
