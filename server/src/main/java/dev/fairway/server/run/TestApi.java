package dev.fairway.server.run;

import dev.fairway.api.Listing;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.FlakyTests;
import dev.fairway.server.run.report.Quarantine;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.run.report.TestReport.Verdict;
import dev.fairway.server.run.report.TestResults;
import dev.fairway.server.source.Projects;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// `/api/v1/projects/{name}/tests` and `/api/v1/projects/{name}/coverage`.
final class TestApi implements Routes {
  private static final int COVERAGE_RUNS = 50;
  private static final int DEFAULT_DAYS = 14;

  private final Database database;
  private final Projects projects;
  private final Quarantines quarantines;
  private final InstantSource clock;

  TestApi(Database database, Projects projects, Quarantines quarantines, InstantSource clock) {
    this.database = database;
    this.projects = projects;
    this.quarantines = quarantines;
    this.clock = clock;
  }

  /// @param lastFailedRun its number
  record FlakyView(int failures, int passesSince, long lastFailedRun, Instant lastFailedAt) {
    static @Nullable FlakyView of(FlakyTests.@Nullable Flaky flaky) {
      return flaky == null
          ? null
          : new FlakyView(
              flaky.failures(), flaky.passesSince(), flaky.lastRunNumber(), flaky.lastFailedAt());
    }
  }

  record QuarantineView(
      String reason,
      String begunBy,
      Instant begunAt,
      Instant until,
      @Nullable String endedBy,
      @Nullable Instant endedAt) {
    static @Nullable QuarantineView of(@Nullable Quarantine one) {
      return one == null
          ? null
          : new QuarantineView(
              one.reason(),
              one.begunBy(),
              one.begunAt(),
              one.until(),
              one.endedBy(),
              one.endedAt());
    }
  }

  /// @param id the fingerprint of suite and name
  /// @param run the number of the run that the verdict is of
  record TestView(
      UUID id,
      String suite,
      String name,
      Verdict verdict,
      long durationMillis,
      long run,
      Instant at,
      @Nullable FlakyView flaky,
      @Nullable QuarantineView quarantine) {
    static TestView of(TestBoard.Line line) {
      return of(line.last(), line.flaky(), line.quarantine());
    }

    static TestView of(
        TestHistory.Latest last,
        FlakyTests.@Nullable Flaky flaky,
        @Nullable Quarantine quarantine) {
      var test = last.test();
      return new TestView(
          test.fingerprint(),
          test.suite(),
          test.name(),
          last.verdict(),
          last.durationMillis(),
          last.runNumber(),
          last.at(),
          FlakyView.of(flaky),
          QuarantineView.of(quarantine));
    }
  }

  record ExecutionView(
      long run,
      UUID jobId,
      String job,
      String ref,
      String commit,
      Instant at,
      Verdict verdict,
      long durationMillis) {
    static ExecutionView of(TestHistory.Entry entry) {
      return new ExecutionView(
          entry.runNumber(),
          entry.jobId(),
          entry.job(),
          entry.ref(),
          entry.commit(),
          entry.at(),
          entry.verdict(),
          entry.durationMillis());
    }
  }

  record TestDetail(TestView test, List<ExecutionView> history, List<QuarantineView> quarantines) {}

  /// @param fresh whether the base run had not that failure
  record CaseView(
      UUID id,
      UUID jobId,
      String job,
      String suite,
      String name,
      Verdict verdict,
      String message,
      String detail,
      long durationMillis,
      boolean fresh,
      boolean flaky,
      boolean tolerated) {}

  /// @param base the number of the run that is compared with; null where there is none
  record RunTestsView(
      TestResults.Totals totals,
      @Nullable Long base,
      List<CaseView> cases,
      List<TestView> slowest,
      RunTests.@Nullable CoverageView coverage) {
    static RunTestsView of(RunTests tests) {
      return new RunTestsView(
          tests.totals(),
          tests.baseNumber(),
          tests.cases().stream()
              .map(one ->
                  new CaseView(
                      one.test(),
                      one.jobId(),
                      one.job(),
                      one.suite(),
                      one.name(),
                      one.verdict(),
                      one.message(),
                      one.detail(),
                      one.durationMillis(),
                      tests.isNew(one),
                      tests.isFlaky(one),
                      one.tolerated()))
              .toList(),
          tests.slowest().stream().map(one -> TestView.of(one, null, null)).toList(),
          tests.coverage());
    }
  }

  /// @param branches in percent; null where no report counts them
  record CoverageView(
      long run, String commit, Instant at, double lines, @Nullable Double branches) {
    static CoverageView of(CoverageResults.OfRun one) {
      var totals = one.totals();
      return new CoverageView(
          one.runNumber(),
          one.commit(),
          one.at(),
          totals.linePercent(),
          totals.branches() == 0 ? null : totals.branchPercent());
    }
  }

  /// @param days 1 to 30; 14 where it is missing
  record QuarantineRequest(@Nullable String reason, @Nullable Integer days) {}

  @Override
  public void register(RouteTable routes) {
    var tests = "/api/v1/projects/{name}/tests";
    routes.get(tests, Permission.RUN_READ, this::list);
    routes.get(tests + "/{test}", Permission.RUN_READ, this::show);
    routes.post(tests + "/{test}/quarantine", Permission.TEST_QUARANTINE, this::begin);
    routes.post(tests + "/{test}/quarantine/end", Permission.TEST_QUARANTINE, this::end);
    routes.get("/api/v1/projects/{name}/coverage", Permission.RUN_READ, this::coverage);
  }

  private void list(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var query = exchange.query("q").orElse("");
    var show =
        TestBoard.Show.ofWord(exchange.query("show").orElse(query.isEmpty() ? "failing" : "named"));
    var board = database.read(tx -> TestBoard.of(tx, project, show, query, clock.instant()));
    exchange.json(Listing.whole(board.lines().stream().map(TestView::of).toList()));
  }

  private void show(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var test = exchange.pathId("test");
    var single = database.read(tx -> TestBoard.single(tx, project, test, clock.instant()));
    exchange.json(
        new TestDetail(
            TestView.of(single.last(), single.flaky(), single.quarantine().orElse(null)),
            single.history().stream().map(ExecutionView::of).toList(),
            single.quarantines().stream()
                .map(one -> Objects.requireNonNull(QuarantineView.of(one)))
                .toList()));
  }

  private void begin(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var test = exchange.pathId("test");
    var body = exchange.body(QuarantineRequest.class);
    var days = Objects.requireNonNullElse(body.days(), DEFAULT_DAYS);
    var reason = Objects.requireNonNullElse(body.reason(), "");
    database.run(
        tx -> quarantines.begin(tx, project, test, reason, days, exchange.caller().name()));
    exchange.status(201);
    show(exchange);
  }

  private void end(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var test = exchange.pathId("test");
    database.run(tx -> quarantines.end(tx, project, test, exchange.caller().name()));
    show(exchange);
  }

  private void coverage(Exchange exchange) {
    var project = projects.require(exchange.path("name"));
    var runs =
        database.read(
            tx -> CoverageResults.ofBranch(tx, project.id(), project.defaultRef(), COVERAGE_RUNS));
    exchange.json(Listing.whole(runs.stream().map(CoverageView::of).toList()));
  }
}
