package dev.fairway.server.web;

import static dev.fairway.testing.Browser.assertAccessible;
import static dev.fairway.testing.Browser.picture;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.server.http.Role;
import dev.fairway.testing.Browser;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ShellTest {
  private Browser browser;
  private TestSite site;
  private final AtomicInteger waiting = new AtomicInteger(2);

  @BeforeEach
  void start() {
    browser = Browser.open();
    site =
        TestSite.start(
            InstantSource.system(), ground -> List.of(new SampleFeature(ground, waiting)));
    site.person("ada", Role.DEVELOPER, Role.ADMINISTRATOR);
    site.person("mia", Role.APPROVER);
  }

  @AfterEach
  void stop() {
    if (site != null) {
      site.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void theSidebarShowsWhatThePersonMaySeeAndHowMuchWaits() {
    var ada = signedIn("ada");
    assertThat(ada.url()).as("the start is the first place").endsWith("/runs");
    assertThat(ada.locator(".side a[aria-current=page]").innerText()).isEqualTo("Runs");
    assertThat(ada.locator(".side").innerText())
        .contains("Administration")
        .doesNotContain("Approvals", "Operate", "Prove");

    var mia = signedIn("mia");
    assertThat(mia.locator(".side").innerText()).contains("Approvals").doesNotContain("Adminis");
    assertThat(mia.locator(".count").first().innerText()).startsWith("2");
  }

  @Test
  void theSidebarCountsWhatWaitsWhileThePageIsOpen() {
    var mia = signedIn("mia");
    expect(mia.locator(".count"), "2 waiting for you");

    waiting.set(3);
    site.database().run(tx -> LiveEvents.publish(tx, "environments"));

    expect(mia.locator(".count"), "3 waiting for you");
    assertThat(mia.locator(".side a[aria-current=page]").innerText()).isEqualTo("Runs");
    waiting.set(0);
    site.database().run(tx -> LiveEvents.publish(tx, "environments"));
    PlaywrightAssertions.assertThat(mia.locator(".count")).hasCount(0);
  }

  @Test
  void thePageOfAChangeShowsItsWayInBothSchemesAndOnAPhone() {
    for (var scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
      for (int width : new int[] {1280, 390}) {
        var page = browser.page(site.address(), width, 800, scheme);
        Browser.signIn(page, "ada", TestSite.PASSWORD);
        page.navigate("/runs/218");
        assertThat(page.locator(".fairway .buoy"))
            .satisfies(buoys -> assertThat(buoys.count()).isEqualTo(5));
        assertThat(page.locator(".fairway").innerText())
            .contains("Commit", "Run #218", "Production", "needs 2 approvals");
        assertAccessible(page);
        assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
            .isEqualTo(true);
        picture(page, "change-" + width + "-" + scheme);
      }
    }
  }

  @Test
  void aLivePartAsksAgainWhenItsTopicChanges() {
    var page = signedIn("ada");
    page.navigate("/runs/218");
    expect(page.locator("#state"), "state 0");

    site.database().run(tx -> LiveEvents.publish(tx, "run:217"));
    site.database().run(tx -> LiveEvents.publish(tx, "run:218"));

    expect(page.locator("#state"), "state 1");
  }

  @Test
  void aLostConnectionIsShownAndHealsAndWhatWasMissedIsMadeUpFor() {
    var page = signedIn("ada");
    page.route("**/live?*", Route::abort);
    page.navigate("/runs/218");
    PlaywrightAssertions.assertThat(page.locator("live-light")).isVisible();

    page.unroute("**/live?*");

    expect(page.locator("#state"), "state 1");
    PlaywrightAssertions.assertThat(page.locator("live-light")).isHidden();
    browser.complaints();
  }

  @Test
  void thePaletteFindsPlacesAndThings() {
    var page = signedIn("ada");
    page.keyboard().press("Control+k");
    var options = page.locator("[role=option]");
    options.first().waitFor();
    assertAccessible(page);
    page.keyboard().type("218");
    PlaywrightAssertions.assertThat(options).hasCount(1);
    picture(page, "palette");
    page.keyboard().press("Enter");
    page.waitForURL("**/runs/218");

    page.keyboard().press("Control+k");
    page.keyboard().type("nothing like it");
    PlaywrightAssertions.assertThat(page.locator(".palette .none"))
        .hasText("Nothing of that name.");
    page.keyboard().press("Escape");
    PlaywrightAssertions.assertThat(page.locator("dialog.palette")).isHidden();
  }

  @Test
  void theKeyboardWalksOpensAndGoesBack() {
    var page = signedIn("ada");
    page.navigate("/runs");
    page.keyboard().press("j");
    page.keyboard().press("j");
    assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("#218");
    page.keyboard().press("Enter");
    page.waitForURL("**/runs/218");
    page.keyboard().press("?");
    PlaywrightAssertions.assertThat(page.locator("key-guide dialog")).isVisible();
    assertAccessible(page);
    page.keyboard().press("Escape");
    PlaywrightAssertions.assertThat(page.locator("key-guide dialog")).isHidden();
    page.keyboard().press("Escape");
    page.waitForURL("**/runs");
  }

  @Test
  void whatIsNotThereIsSaidInsideTheShell() {
    var page = signedIn("ada");
    page.navigate("/nowhere");
    assertThat(page.locator("h1").innerText()).isEqualTo("Not found");
    assertThat(page.locator(".side").innerText()).contains("Runs");
    assertAccessible(page);
    picture(page, "not-found");
  }

  private Page signedIn(String name) {
    var page = browser.person(site.address());
    Browser.signIn(page, name, TestSite.PASSWORD);
    return page;
  }

  private static void expect(Locator locator, String text) {
    PlaywrightAssertions.assertThat(locator).hasText(text);
  }
}
