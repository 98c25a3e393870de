package dev.fairway.server.identity;

import static dev.fairway.testing.Browser.assertAccessible;
import static dev.fairway.testing.Browser.picture;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PagesTest {
  @Test
  void theFirstAdministratorComesInByTheLinkAndInvitesSomebody() {
    try (var site = TestSite.start();
        var browser = Browser.open()) {
      String secret =
          site.database().transaction(tx -> site.identity().setupSecret(tx)).orElseThrow();
      var page = browser.person(site.address());
      page.navigate("/setup?token=" + secret);
      assertAccessible(page);
      picture(page, "setup");
      page.getByLabel("Name to sign in with").fill("ada");
      page.getByLabel("Full name").fill("Ada Lovelace");
      page.getByLabel("E-mail address").fill("ada@example.org");
      page.getByLabel("New password").fill(TestSite.PASSWORD);
      page.getByLabel("The same again").fill(TestSite.PASSWORD);
      page.locator("button:has-text('Make me')").click();
      page.waitForURL("**/administration");

      page.locator("button:has-text('Add a person')").click();
      assertAccessible(page);
      picture(page, "add-a-person");
      page.getByLabel("Name to sign in with").fill("mia");
      page.getByLabel("Full name").fill("Mia Approver");
      page.getByLabel("E-mail address").fill("mia@example.org");
      page.getByLabel("approver").check();
      page.locator("button:has-text('Add and make an')").click();
      var link = page.locator(".secret code").innerText();
      assertAccessible(page);
      picture(page, "administration");

      var mia = browser.page(site.address(), 390, 844, ColorScheme.DARK);
      mia.navigate(link);
      assertAccessible(mia);
      picture(mia, "invite-phone-dark");
      mia.getByLabel("New password").fill(TestSite.PASSWORD);
      mia.getByLabel("The same again").fill(TestSite.PASSWORD);
      mia.locator("button:has-text('Set the password')").click();
      mia.waitForURL("**/account");
      assertThat(mia.locator("h1").innerText()).isEqualTo("Mia Approver");
      assertAccessible(mia);
      picture(mia, "account-phone-dark");
    }
  }

  @Test
  void aTokenIsMadeAndRevokedOnTheAccountPage() {
    try (var site = TestSite.start();
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER, Role.OPERATOR);
      var page = browser.person(site.address());
      Browser.signIn(page, "ada", TestSite.PASSWORD);
      page.navigate("/account");
      page.locator("button:has-text('New token')").click();
      page.getByLabel("What will use it?").fill("laptop");
      assertAccessible(page);
      picture(page, "new-token");
      page.locator("button:has-text('Make the token')").click();
      assertThat(page.locator(".secret code").innerText()).startsWith("fwt_");
      assertAccessible(page);
      picture(page, "account");

      page.locator("button:has-text('Revoke')").click();
      page.waitForURL("**/account");
      assertThat(page.locator("body").innerText()).contains("No tokens");
    }
  }

  @Test
  void theWrongPasswordIsSaidOnThePageInBothSchemesAndOnAPhone() {
    try (var site = TestSite.start();
        var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      for (var scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        var page = browser.page(site.address(), 390, 844, scheme);
        page.navigate("/changes?x=1");
        assertThat(page.locator("body").innerText()).contains("Not found");
        page.navigate("/account");
        assertThat(page.url()).endsWith("/sign-in?next=%2Faccount");
        page.getByLabel("Name").fill("ada");
        page.getByLabel("Password").fill("not this one");
        page.locator("button:has-text('Sign in')").click();
        page.locator("[role=alert]").waitFor();
        assertThat(page.getByLabel("Name").inputValue()).isEqualTo("ada");
        assertAccessible(page);
        picture(page, "sign-in-phone-" + scheme);
      }
    }
  }

  @Test
  void administrationWorksInTheDarkAndOnAPhone() {
    try (var site = TestSite.start();
        var browser = Browser.open()) {
      site.person("root", Role.ADMINISTRATOR);
      var ada = site.person("ada", Role.DEVELOPER, Role.APPROVER);
      site.person("mia", Role.APPROVER, Role.AUDITOR);
      site.database()
          .run(tx -> {
            site.identity().createAgent(tx, "agent-1", "root");
            site.identity()
                .createUser(
                    tx,
                    new NewUser("ben", "Ben Invited", "ben@example.org", Set.of(Role.VIEWER)),
                    "root");
            site.identity()
                .createToken(
                    tx,
                    ada.id(),
                    "t",
                    Set.of(Permission.RUN_READ),
                    Instant.now().plus(Duration.ofDays(3)),
                    "ada");
          });
      var dark = browser.page(site.address(), 1280, 800, ColorScheme.DARK);
      look(dark, "administration-dark");
      dark.locator("a:has-text('ada')").first().click();
      dark.waitForURL("**/users/**");
      assertAccessible(dark);
      picture(dark, "user-dark");
      var phone = browser.page(site.address(), 390, 844, ColorScheme.LIGHT);
      look(phone, "administration-phone");
      phone.getByLabel("Menu").click();
      assertThat(phone.locator(".side a:has-text('Administration')").isVisible()).isTrue();
      assertAccessible(phone);
      picture(phone, "menu-phone");
      phone.keyboard().press("Escape");
      assertThat(phone.locator(".side").isVisible()).isFalse();
    }
  }

  private static void look(Page page, String name) {
    Browser.signIn(page, "root", TestSite.PASSWORD);
    page.navigate("/administration");
    assertAccessible(page);
    assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
        .as("nothing sticks out of the page")
        .isEqualTo(true);
    picture(page, name);
  }
}
