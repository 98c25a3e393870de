package dev.fairway.server.run;

import static dev.fairway.testing.Browser.assertAccessible;
import static dev.fairway.testing.Browser.picture;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.api.ClaimRequest;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResourceUse;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody sees who looks at a run while it goes on.
final class LiveRunPageTest {
  private static final String WIDE =
      """
      on: push
      jobs:
        first: {runs-on: linux, steps: [{run: make}]}
        wide:
          strategy: {fail-fast: false, matrix: {one: [a, b, c], two: [d, e]}}
          runs-on: linux
          steps: [{run: make}]
        long-one: {needs: first, runs-on: linux, steps: [{run: make}]}
        long-two: {needs: long-one, runs-on: linux, steps: [{run: make}]}
        long-three: {needs: long-two, runs-on: linux, steps: [{run: make}]}
        long-four: {needs: long-three, runs-on: linux, steps: [{run: make}]}
        long-five: {needs: long-four, runs-on: linux, steps: [{run: make}]}
        odd: {runs-on: [linux, gpu], steps: [{run: make}]}
        other: {needs: first, runs-on: linux, steps: [{run: make}]}
      """;

  @TempDir Path folder;

  @Test
  void whatIsOpenScrolledOrAskedForStaysWhileTheRunGoesOn() {
    try (var site = RunSite.start(folder, _ -> {});
        var fixture = now(new RunFixture(site.database()));
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      var run = fixture.push(WIDE);
      var page = signedIn(browser, site, 1280, ColorScheme.LIGHT);
      page.navigate(run.path());
      var wide = page.locator("details:has-text('wide')");
      wide.locator("summary").click();
      page.locator("a:has-text('wide (a, d)')").focus();
      page.evaluate("() => { document.querySelector('.job-graph').scrollLeft = 60; }");

      fixture.end(fixture.begin(), Outcome.SUCCESS);
      ended(page, 1);
      assertThat(wide.getAttribute("open")).isNotNull();
      assertThat(page.evaluate("() => document.activeElement.textContent").toString())
          .contains("wide (a, d)");
      assertThat(page.evaluate("() => document.querySelector('.job-graph').scrollLeft"))
          .isEqualTo(60);

      page.locator("li[data-key='first 0'] a").click();
      page.locator("button:has-text('Re-run this job …')").click();
      fixture.end(fixture.begin(), Outcome.FAILURE);
      page.locator("h2:has-text('Graph') >> xpath=.. >> text=2 of 14 ended").waitFor();
      assertThat(page.locator("dialog[open]").count()).isEqualTo(1);
      page.locator("dialog[open] button:has-text('Cancel')").click();
      page.locator("summary:has-text('1 of 6, 1 failed')").waitFor();
    }
  }

  @Test
  void thePageSaysOfAllThatWaitsForWhatItWaits() {
    try (var site = RunSite.start(folder, _ -> {});
        var fixture = now(new RunFixture(site.database()));
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER, Role.OPERATOR);
      var page = signedIn(browser, site, 1280, ColorScheme.LIGHT);
      var run = fixture.push(WIDE);
      page.navigate(run.path());
      assertThat(page.locator(".waits").innerText())
          .contains("odd waits for an agent with the labels gpu, linux. No agent at all");
      fixture.begin();
      page.locator(".waits >> text=No agent of the last minute has gpu; there is").waitFor();
      assertThat(page.locator(".waits").innerText())
          .contains("6 jobs wait for one of 1 agent to be free.");
      assertThat(page.locator(".steps.jobs").innerText()).contains("needs first");
      assertAccessible(page);

      var turn =
          "on: push\nconcurrency: {group: port}\njobs: {a: {runs-on: linux, steps: [{run: x}]}}\n";
      var held = fixture.push(turn);
      var waits = fixture.push(turn);
      page.navigate(waits.path());
      page.locator(".waits a:has-text('run #" + held.number() + "')").click();
      page.waitForURL("**" + held.path());
    }
  }

  @Test
  void thePageShowsWhatAJobMayUseAndWhatItUsed() {
    try (var site = RunSite.start(folder, _ -> {});
        var fixture = now(new RunFixture(site.database()));
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      var run =
          fixture.push(
              "on: push\njobs: {a: {runs-on: linux, timeout-minutes: 7, steps: [{run: x}]}}\n");
      var job = fixture.begin();
      var at = fixture.clock.instant();
      fixture.leases.events(
          RunFixture.holder(job),
          new JobEvents(
              job.fence(),
              0,
              List.of(
                  new JobEvent.StepStarted(at, 0, "Set up job", 0, 1),
                  new JobEvent.Summary(
                      at,
                      0,
                      "- [x] one\n\n<details><summary>More</summary>\n\nlater\n\n</details>"),
                  new JobEvent.StepFinished(at, 0, Outcome.SUCCESS, Outcome.SUCCESS))));
      fixture.clock.tick(Duration.ofSeconds(401));
      fixture.leases.complete(
          RunFixture.holder(job),
          new JobCompletion(
              job.fence(),
              Outcome.SUCCESS,
              "",
              Map.of(),
              3,
              0,
              List.of(),
              null,
              new ResourceUse(3L << 30, 61_500L),
              null));
      var page = signedIn(browser, site, 390, ColorScheme.DARK);
      page.navigate(run.path() + "#L40");
      page.locator("[data-count]:has-text('no line 40')").waitFor();
      assertThat(page.locator(".limits").innerText().replaceAll("\\s+", " "))
          .contains(
              "Time 6 min 41 s 7 min", "Memory 3.0 GiB 4.0 GiB", "Processor 1 min 1 s no limit");
      assertThat(page.locator(".limits .near").innerText()).isEqualTo("6 min 41 s");
      page.locator(".prose summary:has-text('More')").click();
      assertThat(page.locator(".prose p:has-text('later')").isVisible()).isTrue();
      assertAccessible(page);
      assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(390);
      picture(page, "run-limits-phone-dark");
    }
  }

  @Test
  void whoComesSecondSeesTheRunAndWhyNothingWasDone() {
    try (var site = RunSite.start(folder, _ -> {});
        var fixture = now(new RunFixture(site.database()));
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      var run = fixture.push("on: push\njobs: {a: {runs-on: linux, steps: [{run: x}]}}\n");
      fixture.end(fixture.begin(), Outcome.FAILURE);
      var page = signedIn(browser, site, 1280, ColorScheme.LIGHT);
      page.navigate(run.path());
      page.locator("button:has-text('Re-run …')").click();
      fixture
          .database()
          .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.All(false), "mia"));
      page.locator("dialog[open] button:has-text('Re-run')").click();
      page.locator("[role=alert]:has-text('Run #1 has not ended')").waitFor();
      assertThat(page.locator("h1").innerText()).isEqualTo("Refuse large sums");
      assertThat(page.locator(".sub").first().innerText()).contains("attempt 2");
      assertAccessible(page);
      page.navigate(page.url());
      page.waitForURL("**" + run.path());
    }
  }

  @Test
  void machinesAreListedWithWhatTheyDo() {
    try (var site = RunSite.start(folder, _ -> {});
        var fixture = now(new RunFixture(site.database()));
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER, Role.OPERATOR);
      site.database()
          .run(tx -> {
            tx.execute(
                "INSERT INTO replica (id, host, holder, version) VALUES (?, 'quay', true, '1.2.3')",
                RunFixture.AGENT);
            tx.execute(
                "INSERT INTO replica (id, host, holder, seen_at) VALUES (gen_random_uuid(), 'pier',"
                    + " false, now() - interval '1 hour')");
            tx.execute(
                "INSERT INTO agent (id, token_hash, name, created_at) VALUES (?, '\\x01'::bytea,"
                    + " 'tug', now())",
                RunFixture.AGENT);
          });
      var run = fixture.push("on: push\njobs: {a: {runs-on: linux, steps: [{run: x}]}}\n");
      var machine = new ClaimRequest.Machine("1.2.3", 4, "podman");
      fixture.claims.claim(
          new Claims.Place(RunFixture.AGENT, "http://127.0.0.1:7070"),
          new ClaimRequest("tug", List.of("linux"), "bubblewrap, own user", machine),
          Duration.ZERO);
      var page = signedIn(browser, site, 1280, ColorScheme.LIGHT);
      page.navigate("/machines");
      assertThat(page.locator("main").innerText())
          .contains("quay", "1.2.3", "pier", "silent", "tug", "working", "1 of 4 at once")
          .contains("bubblewrap, own user", "containers: podman");
      assertAccessible(page);
      picture(page, "machines");
      page.locator("a:has-text('payments #1 a')").click();
      page.waitForURL("**" + run.path() + "?job=*");
    }
  }

  /// Waits until both parts of the page that count have heard of it.
  private static void ended(Page page, int many) {
    page.locator("h2:has-text('Graph') >> xpath=.. >> text=" + many + " of 14 ended").waitFor();
    page.locator("h2:has-text('Jobs') >> xpath=.. >> text=" + many + " of 14").waitFor();
  }

  private static RunFixture now(RunFixture fixture) {
    fixture.clock.tick(Duration.between(fixture.clock.instant(), Instant.now()));
    return fixture;
  }

  private static Page signedIn(Browser browser, TestSite site, int width, ColorScheme scheme) {
    var page = browser.page(site.address(), width, 844, scheme);
    Browser.signIn(page, "ada", TestSite.PASSWORD);
    return page;
  }
}
