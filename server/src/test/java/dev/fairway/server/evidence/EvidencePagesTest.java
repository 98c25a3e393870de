package dev.fairway.server.evidence;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.server.http.Role;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvidencePagesTest {
  @TempDir private Path folder;
  private final AtomicReference<EvidenceModule> evidence = new AtomicReference<>();
  private TestSite site;

  @BeforeEach
  void start() {
    var clock = InstantSource.system();
    site =
        TestSite.start(
            clock,
            ground -> {
              var module =
                  EvidenceModule.create(
                      ground.database(),
                      EvidenceModule.keys(folder.resolve("keys"), new SecureRandom()),
                      clock);
              evidence.set(module);
              SignInAgain again = ground.identity().identity()::confirmPassword;
              return List.of(module.routes(again), module.pages(ground.web(), again));
            });
    site.person("ada", Role.ADMINISTRATOR);
    site.person("mia", Role.AUDITOR);
    evidence.get().start(List.of());
  }

  @AfterEach
  void stop() {
    evidence.get().close();
    site.close();
  }

  @Test
  void anAdministratorErasesAnEntryWithAReasonAndTheirPassword() {
    try (var browser = Browser.open()) {
      var page = page(browser, "ada");
      page.navigate("/evidence/1");
      assertThat(page.locator("main")).containsText("Mia Example");
      Browser.assertAccessible(page);

      erase(page, "not my password");
      assertThat(page.locator("[role=alert]")).containsText("The password is not right");
      assertThat(page.locator("main")).containsText("Mia Example");

      erase(page, TestSite.PASSWORD);
      page.waitForURL("**/evidence/1");
      assertThat(page.locator("main")).containsText("erased");
      assertThat(page.locator("main")).containsText("she asked for it");
      assertThat(page.locator("main")).not().containsText("Mia Example");
      assertThat(page.locator("button:has-text('Erase')")).hasCount(0);
      Browser.assertAccessible(page);
      Browser.picture(page, "evidence-erased");

      page.navigate("/evidence");
      assertThat(page.locator("tr:has-text('erased by ada')")).hasCount(1);
      Browser.assertAccessible(page);
      Browser.picture(page, "evidence-list");
      page.locator("tr:has-text('erasure') a.row-title").click();
      assertThat(page.locator("main")).containsText("she asked for it");
      assertThat(page.locator("main")).containsText("verified");
      assertThat(page.locator("button:has-text('Erase')")).hasCount(0);
    }
  }

  @Test
  void anAuditorIsNotOfferedToErase() {
    try (var browser = Browser.open()) {
      var page = page(browser, "mia");
      page.navigate("/evidence/1");
      assertThat(page.locator("main")).containsText("verified");
      assertThat(page.locator("button:has-text('Erase')")).hasCount(0);
    }
  }

  private Page page(Browser browser, String name) {
    var page = browser.page(site.address(), 1280, 800, ColorScheme.LIGHT);
    Browser.signIn(page, name, TestSite.PASSWORD);
    return page;
  }

  private static void erase(Page page, String password) {
    page.locator("button[data-ask]:has-text('Erase')").click();
    var dialog = page.locator("dialog[open]");
    dialog.getByLabel("Why").fill("she asked for it");
    dialog.getByLabel("Your password").fill(password);
    Browser.assertAccessible(page);
    dialog.locator("button:has-text('Erase for good')").click();
  }
}
