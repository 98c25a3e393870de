package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way of a release to production, in a real browser.
final class DeliveryPagesTest {
  private static final int PHONE_WIDTH = 390;

  @TempDir Path folder;
  private DeliveryFixture fixture;

  @BeforeEach
  void begin() throws Exception {
    fixture = new DeliveryFixture(folder);
  }

  @AfterEach
  void end() throws Exception {
    fixture.close();
  }

  private void look(Page page, String path, String name) {
    page.navigate(path);
    Browser.assertAccessible(page);
    Browser.picture(page, name);
    assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
        .as("how much wider than the window %s is", path)
        .isEqualTo(0);
  }

  @Test
  void anApproverApprovesOnAPhoneAndEveryPageTellsTheStory() throws Exception {
    try (var browser = Browser.open()) {
      fixture.till.pusher = fixture.site.person("ada", Role.DEVELOPER, Role.APPROVER).id();
      fixture.site.person("mia", Role.APPROVER);
      fixture.site.person("root", Role.ADMINISTRATOR, Role.OPERATOR);
      var ada = browser.person(fixture.site.address());
      Browser.signIn(ada, "ada", TestSite.PASSWORD);
      look(ada, "/releases", "releases-empty");
      look(ada, "/environments", "environments-empty");
      look(ada, "/approvals", "approvals-empty");

      fixture.started(DeliveryFixture.STAGING, DeliveryFixture.PRODUCTION);
      var release = fixture.till.release("well");
      fixture.awaitState(release, "production", DeploymentState.WAITING_APPROVAL);
      var deployment = fixture.deployment(release, "production");

      look(ada, "/approvals", "approvals-author");
      assertThat(ada.content()).contains("ada had a hand in this change");
      assertThat(ada.locator("text=Approve for production").count()).isZero();

      var mia = browser.page(fixture.site.address(), PHONE_WIDTH, 800, ColorScheme.DARK);
      Browser.signIn(mia, "mia", TestSite.PASSWORD);
      look(mia, "/approvals", "approvals-phone");
      look(mia, "/environments", "environments-phone");
      mia.navigate("/approvals");
      approve(mia, "wrong");
      assertThat(mia.locator("[role=alert]").first().textContent()).isNotBlank();
      approve(mia, TestSite.PASSWORD);
      mia.waitForURL("**/approvals");
      fixture.awaitState(release, "production", DeploymentState.SUCCEEDED);

      look(ada, "/releases", "releases");
      look(ada, release.path(), "release");
      assertThat(ada.content())
          .contains("Mia Example", "approved for production", "12 passed", "run #1");
      look(ada, "/environments", "environments");
      look(ada, deployment.path(), "deployment");
      assertThat(ada.content()).contains("accepted on health alone");
      var dark = browser.page(fixture.site.address(), 1280, 800, ColorScheme.DARK);
      Browser.signIn(dark, "root", TestSite.PASSWORD);
      look(dark, release.path(), "release-dark");
      look(dark, "/environments", "environments-admin-dark");
      look(mia, release.path(), "release-phone");
      look(mia, deployment.path(), "deployment-phone");
      browser.complaints();
    }
  }

  private static void approve(Page page, String password) {
    page.locator("button:has-text('Approve for production…')").first().click();
    var dialog = page.locator("dialog[open]");
    dialog.getByLabel("Your password").fill(password);
    dialog.locator("button:has-text('Approve for production')").click();
  }

  @Test
  void anAdministratorAppliesRulesAndSeesWhereTheMistakeIs() throws Exception {
    try (var browser = Browser.open()) {
      fixture.site.person("root", Role.ADMINISTRATOR);
      var root = browser.person(fixture.site.address());
      Browser.signIn(root, "root", TestSite.PASSWORD);
      root.navigate("/environments");
      root.locator("summary:has-text('Apply a file')").click();
      root.locator("textarea[name=definition]")
          .fill(DeliveryFixture.STAGING.replace("promotion", "promotoin"));
      root.locator("button:has-text('Apply')").click();
      assertThat(root.locator("[role=alert]").textContent())
          .contains("environments.yml:5:1: 'promotoin' is not supported");

      root.locator("textarea[name=definition]").fill(DeliveryFixture.STAGING);
      root.locator("button:has-text('Apply')").click();
      assertThat(root.locator(".note[role=status]").first().textContent())
          .matches(Pattern.compile("staging: created.*", Pattern.DOTALL));

      root.navigate("/new-environment");
      Browser.assertAccessible(root);
      Browser.picture(root, "environment-new");
      root.getByLabel("Name").first().fill("production");
      root.getByLabel("Host names").fill("till: till.example.com:80");
      root.locator("button:has-text('Make the environment')").click();
      assertThat(root.locator("[role=alert]").textContent())
          .isEqualTo(
              "till: 'till.example.com:80' is not a host name in lower case without a port."
                  + " Correct that field.");
      root.getByLabel("How many").fill("2");
      root.getByLabel("Errors allowed, in percent").fill("0.5");
      root.getByLabel("Host names").fill("till: till.example.com, till.example.org");
      root.getByLabel("Variables for every service").fill("REGION=eu \"west\"");
      root.locator("button:has-text('Make the environment')").click();
      assertThat(root.locator(".note[role=status]").textContent())
          .startsWith("production: created");
      var made = fixture.database().read(tx -> EnvironmentStore.demand(tx, "production"));
      assertThat(made.definition().approvals().count()).isEqualTo(2);
      assertThat(made.definition().verification().maxErrorRate()).isEqualTo(0.005);
      assertThat(made.definition().variables()).containsEntry("REGION", "eu \"west\"");
      assertThat(made.definition().hosts().get("till")).hasSize(2);

      fixture.apply(DeliveryFixture.PRODUCTION.replace("order: 2", "order: 40"));
      root.getByLabel("How many").fill("3");
      root.locator("button:has-text('Save the rules')").click();
      assertThat(root.locator("[role=alert]").textContent())
          .startsWith("root has changed production meanwhile");
      root.navigate("/environments/production");
      root.getByLabel("How many").fill("3");
      root.locator("button:has-text('Save the rules')").click();
      assertThat(root.locator(".note[role=status]").textContent()).contains("production: changed");
      look(root, "/environments/production", "environment");
      var phone = browser.page(fixture.site.address(), PHONE_WIDTH, 800, ColorScheme.DARK);
      Browser.signIn(phone, "root", TestSite.PASSWORD);
      look(phone, "/environments/production", "environment-phone-dark");
      browser.complaints();
    }
  }
}
