package dev.fairway.server.run;

import static dev.fairway.testing.Browser.assertAccessible;
import static dev.fairway.testing.Browser.picture;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.KeyboardModifier;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Role;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.server.run.report.Coverage;
import dev.fairway.server.run.report.ReportZip;
import dev.fairway.server.run.report.TestReport;
import dev.fairway.server.source.Projects;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunPagesTest {
  private static final String WORKFLOW =
      """
      name: Deliver
      on: push
      jobs:
        lint:
          runs-on: ubuntu-latest
          steps:
            - run: make lint
        test:
          strategy:
            fail-fast: false
            matrix: {java: [21, 25]}
          runs-on: ubuntu-latest
          steps:
            - run: make test
        publish:
          needs: [lint, test]
          runs-on: ubuntu-latest
          steps:
            - run: make publish
      """;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  private Projects projects;

  @Test
  void theRunPageTellsWhatHappensAndShowsTheLog() {
    try (var site = start();
        var fixture = new RunFixture(site.database());
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      fixture.clock.tick(Duration.between(fixture.clock.instant(), Instant.now()));
      var page = browser.person(site.address());
      Browser.signIn(page, "ada", TestSite.PASSWORD);
      page.navigate("/runs");
      assertAccessible(page);
      assertThat(page.locator("main").innerText()).contains("No runs yet");

      var ada = new Caller(Caller.Kind.PERSON, Ids.next(), "ada", Set.of(), Set.of(), null);
      var project = projects.create("payments", "", "", ada);
      var run = fixture.push(project.id(), project.name(), WORKFLOW).getFirst();
      page.locator(".row-title:has-text('payments #1')").click();
      page.waitForURL("**/runs/1");
      assertThat(page.locator(".job-graph a").count()).isEqualTo(3);
      assertThat(page.locator("main").innerText()).contains("3 jobs wait for an agent");
      assertAccessible(page);
      picture(page, "run-queued");

      work(fixture);
      page.reload();
      assertThat(page.locator("h1").innerText()).isEqualTo("Refuse large sums");
      page.locator("text=expected: 422 but was: 200").first().waitFor();
      checkLog(page);
      assertAccessible(page);
      assertThat(page.locator(".job-graph .node.critical").count()).isGreaterThan(0);
      assertThat(page.locator(".gantt tbody tr").count()).isEqualTo(4);
      picture(page, "run");
      page.locator("a.row-title:has-text('refusesAmountsBeyondTheLimit')").click();
      page.waitForURL("**/tests/*");
      assertAccessible(page);
      picture(page, "test");
      page.navigate("/projects/payments/tests?show=slowest");
      assertAccessible(page);
      assertThat(page.locator("main").innerText())
          .contains("refusesAmountsBeyondTheLimit", "Coverage of lines");
      picture(page, "tests");
      page.navigate(run.path());
      page.locator(".log-line").first().waitFor();
      var dark = browser.page(site.address(), 1280, 800, ColorScheme.DARK);
      Browser.signIn(dark, "ada", TestSite.PASSWORD);
      dark.navigate(run.path());
      dark.locator(".log-line").first().waitFor();
      assertAccessible(dark);
      picture(dark, "run-dark");
      dark.navigate("/projects/payments/runs");
      assertAccessible(dark);
      picture(dark, "runs-dark");
      var phone = browser.page(site.address(), 390, 844, ColorScheme.LIGHT);
      Browser.signIn(phone, "ada", TestSite.PASSWORD);
      phone.navigate(run.path());
      phone.locator(".log-line").first().waitFor();
      assertAccessible(phone);
      picture(phone, "run-phone");

      page.locator("button:has-text('Re-run …')").click();
      assertAccessible(page);
      page.locator("dialog[open] button:has-text('Re-run')").click();
      page.locator("text=attempt 2").first().waitFor();
      var again = fixture.begin();
      var begun = new JobEvent.StepStarted(fixture.clock.instant(), 0, "Set up job", 0, 1);
      fixture.leases.events(
          RunFixture.holder(again), new JobEvents(again.fence(), 0, List.of(begun)));
      page.navigate(run.path() + "?job=" + again.job());
      page.locator(".steps .ahead:has-text('Run make test')").waitFor();
      assertAccessible(page);
      picture(page, "run-running");
      page.locator("button:has-text('Cancel this job')").click();
      page.locator("text=Cancelled by ada. Waiting for it to stop.").waitFor();
      fixture.end(again, Outcome.FAILURE);
      page.locator(".head .state:has-text('cancelled')").waitFor();
    }
  }

  @Test
  void theLogShowsWhatTerminalsShowAndNothingElse() {
    try (var site = start();
        var fixture = new RunFixture(site.database());
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      fixture.clock.tick(Duration.between(fixture.clock.instant(), Instant.now()));
      var run = fixture.push("on: push\njobs: {a: {runs-on: linux, steps: [{run: make}]}}\n");
      var job = fixture.begin();
      var holder = RunFixture.holder(job);
      var bytes = TERMINAL.getBytes(StandardCharsets.UTF_8);
      fixture.leases.append(holder, 0, bytes, new JobLogs(fixture.database()));
      var at = fixture.clock.instant();
      fixture.leases.events(
          holder,
          new JobEvents(
              job.fence(),
              0,
              List.of(
                  new JobEvent.StepStarted(at, 0, "Set up job", 0, 1),
                  new JobEvent.StepFinished(at, 0, Outcome.SUCCESS, Outcome.SUCCESS),
                  new JobEvent.StepStarted(at, 1, "Run make", 0, 7),
                  new JobEvent.StepFinished(at, 1, Outcome.SUCCESS, Outcome.SUCCESS))));
      fixture.leases.complete(
          holder, new JobCompletion(job.fence(), Outcome.SUCCESS, "", Map.of(), 4, bytes.length));

      var page = browser.person(site.address());
      Browser.signIn(page, "ada", TestSite.PASSWORD);
      page.navigate(run.path() + "?job=" + job.job() + "#L8-L9");
      page.locator("button[aria-label='Group Outer']").waitFor();
      assertThat(page.locator(".log-line.at").count()).isEqualTo(2);
      var lines = page.locator(".log-line");
      assertThat(lines.nth(7).innerText()).contains("100 %").doesNotContain("10 %");
      assertThat(lines.nth(8).locator("span span").first().getAttribute("style"))
          .contains("color: rgb(");
      assertThat(lines.nth(8).locator(".a-bold.a-1").innerText()).isEqualTo("bold red");
      assertThat(lines.nth(9).locator("span a").first().getAttribute("href"))
          .isEqualTo("https://example.org/a(b)");
      assertThat(lines.nth(9).locator("span a").nth(1).getAttribute("href"))
          .isEqualTo("https://example.org/osc");
      assertThat(page.locator(".log-line [href^='javascript']").count()).isZero();
      assertThat(page.locator(".log-line img").count()).isZero();
      assertAccessible(page);
      picture(page, "log-terminal");

      page.locator("button[aria-label='Group Inner']").click();
      page.locator(".log-line:has-text('deep')")
          .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
      page.locator("button[aria-label='Group Outer']").press("Enter");
      page.locator("[data-line='2']")
          .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
      assertThat(page.locator("[data-line='6']").isVisible()).isTrue();
      page.evaluate("() => { location.hash = '#L3'; }");
      page.locator(".log-line.at:has-text('deep')").waitFor();
      page.locator("[data-times]").click();
      page.locator(".log-line time").first().waitFor();
      page.locator("[data-line='9']").click();
      page.locator("[data-line='11']")
          .click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT)));
      assertThat(page.url()).endsWith("?job=" + job.job() + "#L9-L11");
    }
  }

  private static final String TERMINAL =
      """
      T##[group]Outer
      T##[group]Inner
      Tdeep
      T##[endgroup]
      T##[endgroup]
      Tbetween
      T##[group]Never closed
      T10 %\r50 %\r100 %\r
      T\u001b[38;2;10;20;200mtrue\u001b[0m \u001b[1;31mbold red\u001b[0m \u001b[48;5;226;38;5;226mboth\u001b[0m
      Tsee (https://example.org/a(b)). \u001b]8;;https://example.org/osc\u001b\\there\u001b]8;;\u001b\\ \u001b]8;;javascript:alert(1)\u0007not\u001b]8;;\u0007
      T<img src=x onerror=alert(1)> \u001b[2J\u001b]0;title\u0007plain
      """
          .replaceAll("(?m)^T", "2026-11-22T14:02:11.123Z ");

  private static void checkLog(Page page) {
    page.locator(".log-line.error").first().waitFor();
    assertThat(page.locator(".log-line").count()).as("only what is in view").isLessThan(80);
    page.locator("input[name=q]").fill("line 29000 ");
    page.locator("[data-found]:has-text('1 of 1')").waitFor();
    page.locator(".log-line.at:has-text('line 29000')").waitFor();
    page.locator("input[name=q]").fill("");
    page.evaluate("() => { location.hash = '#L12345'; }");
    page.locator(".log-line.at:has-text('line 12342 ')").waitFor();
    page.locator("[data-first-error]").click();
    page.locator(".log-line.at.error").waitFor();
    page.evaluate("() => { location.hash = '#L1'; }");
    page.locator("button[aria-label='Group Tools']").click();
    page.locator(".log-line:has-text('java 25')")
        .waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
    page.locator("[data-first-error]").click();
  }

  /// Plays the agent: lint and one test succeed, the other fails.
  private static void work(RunFixture fixture) {
    var given = new ArrayList<JobAssignment>();
    for (var i = 0; i < 3; i++) {
      given.add(fixture.begin());
    }
    fixture.clock.tick(Duration.ofSeconds(12));
    for (var one : given) {
      var fails = one.jobName().contains("21");
      var log = log(fails);
      var bytes = log.getBytes(StandardCharsets.UTF_8);
      var holder = RunFixture.holder(one);
      for (var at = 0; at < bytes.length; at += JobLogs.MAX_APPEND_BYTES) {
        var end = Math.min(bytes.length, at + JobLogs.MAX_APPEND_BYTES);
        fixture.leases.append(
            holder, at, Arrays.copyOfRange(bytes, at, end), new JobLogs(fixture.database()));
      }
      var events = events(fixture.clock.instant(), fails);
      fixture.leases.events(holder, new JobEvents(one.fence(), 0, events));
      if (fails) {
        report(fixture, holder);
      }
      fixture.clock.tick(Duration.ofSeconds(7));
      fixture.leases.complete(
          holder,
          new JobCompletion(
              one.fence(),
              fails ? Outcome.FAILURE : Outcome.SUCCESS,
              fails ? "Step 'Test' ended with exit code 1." : "",
              Map.of(),
              events.size(),
              bytes.length));
    }
  }

  private static String log(boolean fails) {
    var log = new StringBuilder();
    var stamp = "2026-11-22T14:02:11.123Z ";
    log.append(stamp).append("##[group]Tools\n").append(stamp).append("java 25\n");
    log.append(stamp).append("##[endgroup]\n");
    for (var i = 1; i <= 30_000; i++) {
      log.append(stamp).append("\u001b[32mINFO\u001b[0m line ").append(i).append(" <b>\n");
    }
    if (fails) {
      log.append(stamp).append("##[error]TransferTest:88 expected: 422 but was: 200\n");
    }
    return log.append(stamp).append("done\n").toString();
  }

  private static List<JobEvent> events(Instant at, boolean fails) {
    var events = new ArrayList<JobEvent>();
    events.add(new JobEvent.SandboxNote(at, "bubblewrap, memory and pids bounded"));
    events.add(new JobEvent.StepStarted(at.minusSeconds(11), 0, "Set up job", 0, 1));
    events.add(new JobEvent.StepFinished(at.minusSeconds(10), 0, Outcome.SUCCESS, Outcome.SUCCESS));
    events.add(new JobEvent.StepStarted(at.minusSeconds(10), 1, "Test", 0, fails ? 30_000 : 4));
    if (fails) {
      events.add(
          new JobEvent.Annotation(
              at, 1, "error", "expected: 422 but was: 200", "src/TransferTest.java", 88, 5));
    }
    events.add(new JobEvent.Summary(at, 1, "## Coverage\n\n| file | % |\n|--|--|\n| a | 93 |\n"));
    var end = fails ? Outcome.FAILURE : Outcome.SUCCESS;
    events.add(new JobEvent.StepFinished(at, 1, end, end));
    return events;
  }

  private static void report(RunFixture fixture, Leases.Holder holder) {
    var failed =
        new TestReport.TestCase(
            "TransferTest",
            "refusesAmountsBeyondTheLimit",
            TestReport.Verdict.FAILED,
            "expected: 422 but was: 200",
            "at TransferTest.java:88",
            40);
    var execution = new TestReport.Execution("TransferTest", failed.name(), failed.verdict(), 40);
    var report = new TestReport("TEST.xml", 212, 1, 0, 8_400, List.of(failed), List.of(execution));
    fixture
        .database()
        .run(tx ->
            new TestReports(fixture.evidence, fixture.clock)
                .keep(
                    tx,
                    fixture.leases.hold(tx, holder),
                    "reports",
                    new ReportZip.Found(
                        List.of(report),
                        List.of(new Coverage("jacoco.xml", 834, 1_000, 71, 100)),
                        List.of())));
  }

  private TestSite start() {
    return RunSite.start(folder, created -> projects = created);
  }
}
