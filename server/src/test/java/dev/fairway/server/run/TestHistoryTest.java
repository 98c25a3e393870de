package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Outcome;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.run.report.Coverage;
import dev.fairway.server.run.report.CoverageResults;
import dev.fairway.server.run.report.FlakyTests;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.run.report.TestHistory;
import dev.fairway.server.run.report.TestReport;
import dev.fairway.server.run.report.TestReport.Execution;
import dev.fairway.server.run.report.TestReport.TestCase;
import dev.fairway.server.run.report.TestReport.Verdict;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.SourceModule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestHistoryTest {
  private static final String MAIN = "refs/heads/main";
  private static final String WORKFLOW =
      "on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n";

  @TempDir Path folder;

  private RunFixture fixture;
  private SourceModule source;
  private Quarantines quarantines;
  private Project project;

  @BeforeEach
  void start() {
    fixture = new RunFixture();
    var evidence = new Evidence(fixture.clock);
    source =
        SourceModule.create(fixture.database(), evidence, fixture.clock, folder, UUID.randomUUID());
    quarantines = new Quarantines(evidence, source.projects(), fixture.clock);
    project =
        new Project(RunFixture.PROJECT, "payments", "", "main", fixture.clock.instant(), "ada");
  }

  @AfterEach
  void stop() {
    source.close();
    fixture.close();
  }

  @Test
  void aFailureIsNewWhereTheDefaultBranchesNewestRunHadItNot() {
    run(failed("a"), passed("b"));
    var second = run(failed("a"), failed("b"), failed("fresh"));

    var tests = tests(second);

    assertThat(tests.baseNumber()).isEqualTo(1);
    assertThat(tests.cases().stream().filter(tests::isNew).map(one -> one.name()))
        .containsExactlyInAnyOrder("b", "fresh");
    assertThat(tests.slowest().getFirst().durationMillis()).isEqualTo(10);
  }

  @Test
  void aTestThatPassedAndFailedOnTheSameCommitIsFlakyUntilItPassedFiveTimes() {
    run(failed("a"), failed("always"));
    run(passed("a"), failed("always"));

    assertThat(flaky()).containsExactly("a");
    for (var i = 0; i < 3; i++) {
      run(passed("a"), failed("always"));
    }
    assertThat(flaky()).as("four passes").containsExactly("a");
    run(passed("a"), failed("always"));
    assertThat(flaky()).as("five passes").isEmpty();
    run(failed("a"), failed("always"));
    assertThat(flaky()).as("it failed again").containsExactly("a");
    fixture.clock.tick(Duration.ofDays(15));
    assertThat(flaky()).as("too long ago").isEmpty();
  }

  @Test
  void failuresInQuarantineAreToleratedAndTheLedgerSaysSo() {
    run(failed("a"));
    begin("a", 30);
    var second = run(failed("a"), passed("b"));

    assertThat(tests(second).totals().failed()).isEqualTo(1);
    assertThat(tests(second).totals().tolerated()).isEqualTo(1);
    assertThat(tests(second).cases().getFirst().tolerated()).isTrue();
    assertThat(payloads("test-result")).anyMatch(it -> it.contains("\"WARNED\""));
    assertThat(fixture.reload(second).outcome())
        .as("no outcome changes")
        .isEqualTo(Outcome.FAILURE);
    assertThatThrownBy(() -> begin("a", 5)).hasMessageContaining("is in quarantine already");

    fixture.clock.tick(Duration.ofDays(31));
    new TestUpkeep(fixture.database(), quarantines, fixture.clock).tick();
    var third = run(failed("a"));
    assertThat(tests(third).totals().tolerated()).isZero();
    assertThat(payloads("quarantine")).hasSize(2).anyMatch(it -> it.contains("\"ended\""));
    Schemas.requireLedgerToFit(fixture.database());
  }

  @Test
  void aQuarantineNeedsAReasonAnEndAndATestAndCanBeEndedEarly() {
    run(failed("a"));

    assertThatThrownBy(() -> begin("a", 31)).hasMessageContaining("1 to 30 days");
    assertThatThrownBy(() -> begin("a", 0)).hasMessageContaining("1 to 30 days");
    assertThatThrownBy(() -> begin("nowhere", 3)).hasMessageContaining("has no test");
    assertThatThrownBy(() ->
            fixture.database().run(tx -> quarantines.begin(tx, project, id("a"), " ", 3, "mia")))
        .hasMessageContaining("Say why");
    begin("a", 3);
    fixture.database().run(tx -> quarantines.end(tx, project, id("a"), "mia"));
    assertThatThrownBy(
            () -> fixture.database().run(tx -> quarantines.end(tx, project, id("a"), "mia")))
        .hasMessageContaining("not in quarantine");
  }

  @Test
  void aRunHasOneCoverageAndItsChange() {
    run(List.of(), new Coverage("a.xml", 70, 100, 0, 0), new Coverage("b.xml", 10, 100, 1, 2));
    var second = run(List.of(), new Coverage("a.xml", 909, 1_000, 1, 3));

    var coverage =
        fixture
            .database()
            .read(tx -> RunTests.coverage(tx, fixture.reload(second), MAIN))
            .orElseThrow();

    assertThat(coverage.lines()).isEqualTo(90.9);
    assertThat(coverage.lineChange()).isEqualTo(50.9);
    assertThat(coverage.branches()).isEqualTo(33.3);
    assertThat(coverage.branchChange()).isEqualTo(-16.7);
    assertThat(payloads("run")).last().asString().contains("\"coveredLines\": 909");
    var ofBranch =
        fixture.database().read(tx -> CoverageResults.ofBranch(tx, RunFixture.PROJECT, MAIN, 10));
    assertThat(ofBranch).extracting(CoverageResults.OfRun::runNumber).containsExactly(2L, 1L);
  }

  @Test
  void anArtifactUploadedAgainReplacesWhatItSaid() {
    fixture.push(WORKFLOW);
    var job = fixture.begin();
    report(job, List.of(failed("a"), passed("b")));
    report(job, List.of(passed("a")));

    assertThat(history("a")).extracting(TestHistory.Entry::verdict).containsExactly(Verdict.PASSED);
    assertThat(history("b")).isEmpty();
  }

  @Test
  void theHistoryOfTwentyThousandTestsIsKeptAndReadQuickly() {
    var many = IntStream.range(0, 20_000).mapToObj(i -> passed("test " + i)).toList();
    var started = System.nanoTime();
    run(many);
    run(many);
    var took = Duration.ofNanos(System.nanoTime() - started);

    started = System.nanoTime();
    assertThat(history("test 7")).hasSize(2);
    assertThat(flaky()).isEmpty();
    var read = Duration.ofNanos(System.nanoTime() - started);
    assertThat(took).isLessThan(Duration.ofSeconds(20));
    assertThat(read).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void oldExecutionsAreForgotten() {
    run(passed("a"));
    fixture.clock.tick(TestUpkeep.KEPT.plusDays(1));
    run(passed("a"));

    new TestUpkeep(fixture.database(), quarantines, fixture.clock).tick();

    assertThat(history("a")).extracting(TestHistory.Entry::runNumber).containsExactly(2L);
  }

  private void begin(String name, int days) {
    fixture
        .database()
        .run(tx -> quarantines.begin(tx, project, id(name), "race in the clock", days, "mia"));
  }

  private static UUID id(String name) {
    return passed(name).identity().fingerprint();
  }

  private List<TestHistory.Entry> history(String name) {
    return fixture.database().read(tx -> TestHistory.of(tx, RunFixture.PROJECT, id(name)));
  }

  private List<String> flaky() {
    return fixture
        .database()
        .read(tx -> FlakyTests.of(tx, RunFixture.PROJECT, fixture.clock.instant()))
        .stream()
        .map(one -> one.test().name())
        .toList();
  }

  private RunTests tests(Run run) {
    return fixture
        .database()
        .read(tx -> RunTests.of(tx, fixture.reload(run), MAIN, fixture.clock.instant()));
  }

  private Run run(Execution... executions) {
    return run(List.of(executions));
  }

  private Run run(List<Execution> executions, Coverage... coverage) {
    fixture.clock.tick(Duration.ofMinutes(5));
    var run = fixture.push(WORKFLOW);
    var job = fixture.begin();
    report(job, executions, coverage);
    var bad = executions.stream().anyMatch(one -> one.verdict() == Verdict.FAILED);
    fixture.end(job, bad ? Outcome.FAILURE : Outcome.SUCCESS);
    return run;
  }

  private void report(JobAssignment job, List<Execution> executions, Coverage... coverage) {
    var cases = new ArrayList<TestCase>();
    executions.stream()
        .filter(one -> one.verdict() == Verdict.FAILED)
        .forEach(one -> cases.add(new TestCase(one.suite(), one.name(), one.verdict(), "", "", 1)));
    var failed = cases.size();
    var report = new TestReport("r", executions.size() - failed, failed, 0, 1, cases, executions);
    var found =
        new ReportZip.Found(
            executions.isEmpty() ? List.of() : List.of(report), List.of(coverage), List.of());
    fixture
        .database()
        .run(tx ->
            new TestReports(fixture.evidence, fixture.clock)
                .keep(tx, fixture.leases.hold(tx, RunFixture.holder(job)), "reports", found));
  }

  private static Execution passed(String name) {
    return new Execution("Suite", name, Verdict.PASSED, 10);
  }

  private static Execution failed(String name) {
    return new Execution("Suite", name, Verdict.FAILED, 10);
  }

  private List<String> payloads(String type) {
    return fixture
        .database()
        .read(tx ->
            tx.createQuery(
                    "SELECT CAST(predicate AS text) FROM ledger_entry WHERE type LIKE :type"
                        + " ORDER BY id")
                .bind("type", "%/" + type + "/%")
                .mapTo(String.class)
                .list());
  }
}
