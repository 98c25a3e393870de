package dev.fairway.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.fairway.testing.Browser;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The path of a change as people click through it.
final class PagesTest extends SystemTest {
  @BeforeAll
  static void waitForPagesToo() {
    PlaywrightAssertions.setDefaultAssertionTimeout((double) Eventually.PATIENCE.toMillis());
  }

  @Test
  void adaFollowsHerChangeAndMiaLetsItIntoProduction() {
    try (var browser = Browser.open()) {
      var project = SampleProject.withService(up, ada, "ferry").page("sails at nine");
      var commit = project.push("Sail at nine");
      project.endedRun(1);
      var release = project.release(1);
      project.deployment(release, "production", "waiting_approval");

      var adas = signedIn(browser, ada);
      visit(adas, "/projects");
      adas.locator("main a:has-text('ferry')").first().click();
      adas.waitForURL("**/projects/ferry");
      Browser.assertAccessible(adas);
      visit(adas, "/projects/ferry/commits/" + commit);
      visit(adas, "/projects/ferry/runs/1");
      assertThat(adas.locator(".log-rows")).containsText("test -s site/index.html");
      visit(adas, "/releases/" + release);
      assertThat(adas.locator("main")).containsText("Ada");
      visit(adas, "/approvals");
      assertThat(adas.locator("main")).containsText("Waiting for others");
      assertThat(adas.locator("button:has-text('Approve for production')")).hasCount(0);

      var mias = signedIn(browser, mia);
      visit(mias, "/approvals");
      mias.locator("section:has-text('ferry') >> button[data-ask]:has-text('Approve')").click();
      var dialog = mias.locator("dialog[open]");
      dialog.getByLabel("Remark").fill("The tide is right");
      dialog.getByLabel("Your password").fill(Member.PASSWORD);
      Browser.assertAccessible(mias);
      dialog.locator("button:has-text('Approve for production')").click();
      mias.waitForURL("**/approvals");

      project.deployment(release, "production", "succeeded");
      visit(mias, "/environments");
      assertThat(mias.locator("main")).containsText("ferry");
      Browser.picture(mias, "environments");
      visit(adas, "/releases/" + release);
      assertThat(adas.locator("main")).containsText("Mia");
      Browser.assertAccessible(adas);
      Browser.picture(adas, "release");
      Assertions.assertThat(project.shown("production")).isEqualTo("sails at nine");
    }
  }

  @Test
  void rosaSetsASecretThatNobodySeesAgain() {
    try (var browser = Browser.open()) {
      SampleProject.create(up, ada, "sealed");
      var rosas = signedIn(browser, rosa);
      visit(rosas, "/secrets");
      rosas.locator("select[name=project]").selectOption("sealed");
      rosas.locator("button:has-text('Show')").click();
      rosas.waitForURL("**/secrets?project=sealed**");
      rosas.locator("button[data-ask]:has-text('Set a secret')").click();
      var dialog = rosas.locator("dialog[open]");
      dialog.locator("[name=name]").fill("harbour_key");
      dialog.locator("[name=value]").fill("deep-water-4711");
      Browser.assertAccessible(rosas);
      Browser.picture(rosas, "secret-dialog");
      dialog.locator("button:has-text('Set it for every job of sealed')").click();
      assertThat(rosas.locator("main")).containsText("HARBOUR_KEY");
      Assertions.assertThat(rosas.content()).doesNotContain("4711");
      Browser.assertAccessible(rosas);
      Browser.picture(rosas, "secrets");
      visit(rosas, "/projects/sealed");
      assertThat(rosas.locator("main")).containsText("HARBOUR_KEY");
      visit(rosas, "/actions");
      rosas.getByLabel("Allowed").fill("not a pattern");
      rosas.locator("button:has-text('Save the settings')").click();
      assertThat(rosas.locator(".note.bad")).containsText("is not a pattern");
      Browser.assertAccessible(rosas);
      Browser.picture(rosas, "actions");

      var adas = signedIn(browser, ada);
      visit(adas, "/secrets?environment=production");
      assertThat(adas.locator("button:has-text('Set a secret')")).hasCount(0);
    }
  }

  private static Page signedIn(Browser browser, Member member) {
    var page = browser.person(up.url().toString());
    page.navigate("/sign-in");
    Browser.assertAccessible(page);
    Browser.signIn(page, member.name(), Member.PASSWORD);
    return page;
  }

  private static void visit(Page page, String path) {
    var answer = page.navigate(path);
    Assertions.assertThat(answer.status()).as(path).isEqualTo(200);
    Browser.assertAccessible(page);
  }
}
