package dev.fairway.server.run;

import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.run.report.TestReport;
import dev.fairway.server.run.report.TestReport.Verdict;
import dev.fairway.server.run.report.TestResults;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Takes the test reports that an uploaded artifact holds.
public final class TestReports {
  /// Numbers of annotations that no event of an agent has.
  private static final long FIRST_NUMBER = 1L << 32;

  private static final int MAX_NAMES = 1_000;

  private final RunEvidence evidence;
  private final InstantSource clock;

  TestReports(RunEvidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  /// The predicate of the in-toto test result, version 0.1.
  ///
  /// @param result `PASSED`; `WARNED` where tests failed and all of them are in quarantine;
  ///   `FAILED`
  /// @param configuration what said which tests to run
  /// @param passedTests the first of them
  /// @param warnedTests that failed and are in quarantine
  record TestResultPredicate(
      String result,
      List<Configuration> configuration,
      List<String> passedTests,
      List<String> warnedTests,
      List<String> failedTests,
      Counts counts) {
    record Configuration(String name, String uri) {}

    /// Ours: the lists above are bounded, these are not.
    ///
    /// @param failed those that are tolerated too
    record Counts(int passed, int failed, int tolerated, int skipped) {}
  }

  /// Keeps the reports in the transaction that keeps the artifact, and records what they say.
  public void keep(Handle tx, Leases.Held held, String artifact, ReportZip.Found found) {
    var job = held.job();
    var run = held.run();
    var number = DetailStore.nextAnnotation(tx, job.id(), FIRST_NUMBER);
    for (var sentence : found.unreadable()) {
      DetailStore.annotate(
          tx,
          run.id(),
          number++,
          new Annotation(
              job.id(), -1, "warning", "Artifact " + artifact + ": " + sentence, null, 0, 0));
    }
    if (found.reports().isEmpty() && found.coverage().isEmpty()) {
      return;
    }
    var quarantined =
        Quarantines.open(tx, run.projectId()).stream()
            .map(each -> each.test().fingerprint())
            .collect(Collectors.toSet());
    var origin =
        new TestHistory.Origin(
            run.projectId(), run.id(), job.id(), job.name(), artifact, run.commit());
    TestResults.keep(tx, origin, found, quarantined, clock.instant());
    if (!found.reports().isEmpty()) {
      var predicate = predicate(run, found.reports(), quarantined);
      evidence.record(tx, PredicateType.TEST_RESULT, run, predicate, job.agent());
    }
    Topics.changed(tx, run.id(), run.projectId());
  }

  /// Forgets what was read from an artifact that is there no more. The ledger does not.
  public void forget(Handle tx, UUID project, UUID run, UUID job, String artifact) {
    TestResults.forget(tx, job, artifact);
    Topics.changed(tx, run, project);
  }

  private static TestResultPredicate predicate(
      Run run, List<TestReport> reports, Set<UUID> quarantined) {
    var failed = reports.stream().mapToInt(TestReport::failed).sum();
    var tolerated =
        reports.stream().mapToInt(report -> TestResults.tolerated(report, quarantined)).sum();
    Predicate<TestReport.Execution> bears =
        one -> quarantined.contains(one.identity().fingerprint());
    return new TestResultPredicate(
        failed == 0 ? "PASSED" : failed == tolerated ? "WARNED" : "FAILED",
        List.of(
            new TestResultPredicate.Configuration(
                run.workflowPath(), "git:" + run.commit() + ":" + run.workflowPath())),
        names(reports, Verdict.PASSED, _ -> true),
        names(reports, Verdict.FAILED, bears),
        names(reports, Verdict.FAILED, bears.negate()),
        new TestResultPredicate.Counts(
            reports.stream().mapToInt(TestReport::passed).sum(),
            failed,
            tolerated,
            reports.stream().mapToInt(TestReport::skipped).sum()));
  }

  private static List<String> names(
      List<TestReport> reports, Verdict verdict, Predicate<TestReport.Execution> which) {
    return reports.stream()
        .flatMap(report -> report.executions().stream())
        .filter(one -> one.verdict() == verdict)
        .filter(which)
        .map(one -> one.identity().title())
        .limit(MAX_NAMES)
        .toList();
  }
}
