package dev.fairway.server.run;

import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.FlakyTests;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.run.report.TestResults;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What the reports of a run say, beside what those of the default branch's newest run said.
///
/// @param cases those that did not pass, failures first
/// @param fresh fingerprints of failures that the base run had not
/// @param flaky fingerprints of those that are known to be flaky
/// @param baseNumber the run that the failures are compared with; null where there is none
/// @param coverage null where no report counts lines
public record RunTests(
    TestResults.Totals totals,
    List<TestResults.Shown> cases,
    Set<UUID> fresh,
    Set<UUID> flaky,
    @Nullable Long baseNumber,
    List<TestHistory.Latest> slowest,
    @Nullable CoverageView coverage) {
  /// Where nobody asks.
  static final RunTests NONE =
      new RunTests(
          new TestResults.Totals(0, 0, 0, 0, 0),
          List.of(),
          Set.of(),
          Set.of(),
          null,
          List.of(),
          null);

  private static final int SLOWEST = 10;

  /// @param baseNumber the run that the change is against; null where there is none
  /// @param lineChange in percentage points; null without a base
  /// @param branches in percent; null where no report counts them
  public record CoverageView(
      double lines,
      @Nullable Double lineChange,
      @Nullable Double branches,
      @Nullable Double branchChange,
      @Nullable Long baseNumber,
      CoverageResults.Totals totals) {}

  public RunTests {
    cases = List.copyOf(cases);
    fresh = Set.copyOf(fresh);
    flaky = Set.copyOf(flaky);
    slowest = List.copyOf(slowest);
  }

  static RunTests of(Handle tx, Run run, String defaultRef, Instant now) {
    var totals = TestResults.totals(tx, run.id());
    var base = Baseline.ofTests(tx, run, defaultRef);
    Set<UUID> fresh =
        totals.failed() == 0
            ? Set.of()
            : base.map(it -> TestResults.newFailures(tx, run.id(), it.run())).orElse(Set.of());
    var flaky = new HashSet<UUID>();
    if (totals.failed() > 0) {
      FlakyTests.of(tx, run.projectId(), now).forEach(one -> flaky.add(one.test().fingerprint()));
    }
    return new RunTests(
        totals,
        TestResults.cases(tx, run.id()),
        fresh,
        flaky,
        base.map(Baseline.Base::number).orElse(null),
        totals.all() == 0 ? List.of() : TestHistory.slowest(tx, run.id(), SLOWEST),
        coverage(tx, run, defaultRef).orElse(null));
  }

  static Optional<CoverageView> coverage(Handle tx, Run run, String defaultRef) {
    return CoverageResults.totals(tx, run.id())
        .map(now -> {
          var base = Baseline.ofCoverage(tx, run, defaultRef);
          var before = base.flatMap(it -> CoverageResults.totals(tx, it.run()));
          var counts = now.branches() > 0;
          return new CoverageView(
              now.linePercent(),
              before.map(it -> change(now.linePercent(), it.linePercent())).orElse(null),
              counts ? now.branchPercent() : null,
              counts
                  ? before
                      .filter(it -> it.branches() > 0)
                      .map(it -> change(now.branchPercent(), it.branchPercent()))
                      .orElse(null)
                  : null,
              before.isPresent() ? base.map(Baseline.Base::number).orElse(null) : null,
              now);
        });
  }

  private static double change(double now, double before) {
    return Math.round((now - before) * 10) / 10.0;
  }

  public boolean isNew(TestResults.Shown one) {
    return fresh.contains(one.test());
  }

  public boolean isFlaky(TestResults.Shown one) {
    return flaky.contains(one.test());
  }
}
