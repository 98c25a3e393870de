package dev.fairway.server.insight;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.api.Json;
import dev.fairway.server.TickingClock;
import dev.fairway.server.http.Role;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsPageTest {
  @TempDir Path folder;

  private final AtomicReference<SourceModule> source = new AtomicReference<>();
  private TestSite site;

  @BeforeEach
  void start() {
    var clock = new TickingClock(TestSite.NOON);
    site =
        TestSite.start(
            clock,
            ground -> {
              source.set(
                  SourceModule.create(
                      ground.database(), ground.evidence(), clock, folder, UUID.randomUUID()));
              return List.of(
                  InsightModule.create(
                      ground.database(), source.get().projects(), ground.web(), clock));
            });
    site.person("mia", Role.AUDITOR);
  }

  @AfterEach
  void stop() {
    source.get().close();
    site.close();
  }

  private Page page(Browser browser, int width, ColorScheme scheme) {
    var page = browser.page(site.address(), width, 800, scheme);
    Browser.signIn(page, "mia", TestSite.PASSWORD);
    page.navigate("/metrics/delivery");
    return page;
  }

  @Test
  void theFiveFiguresReadTheSameOnThePageAndInTheApi() {
    try (var browser = Browser.open()) {
      new DeliveredHistory(site.database(), source.get(), folder).fill();
      var page = page(browser, 1280, ColorScheme.LIGHT);

      var answer = Json.MAPPER.readTree(page.request().get("/api/v1/metrics").text());

      var figures = answer.path("figures").valueStream().toList();
      assertThat(figures).hasSize(5);
      for (var figure : figures) {
        var card =
            page.locator(
                ".metric", new Page.LocatorOptions().setHasText(figure.path("name").asString()));
        assertThat(card).containsText(figure.path("value").asString());
        assertThat(card).containsText(figure.path("detail").asString());
        assertThat(card).containsText(figure.path("interval").asString());
      }
      assertThat(page.locator("main")).containsText(answer.path("scope").asString());
      assertThat(page.locator(".scatter circle")).hasCount(answer.path("commits").size());
      assertThat(page.locator(".note")).containsText("before it was pushed or made");
      Browser.assertAccessible(page);
      Browser.picture(page, "metrics-light");
      var dark = page(browser, 1280, ColorScheme.DARK);
      Browser.assertAccessible(dark);
      Browser.picture(dark, "metrics-dark");
      var phone = page(browser, 390, ColorScheme.LIGHT);
      Browser.assertAccessible(phone);
      Browser.picture(phone, "metrics-phone");
      assertThat((Boolean) phone.evaluate("document.documentElement.scrollWidth <= innerWidth"))
          .isTrue();
    }
  }

  @Test
  void filtersByServiceAndExplainsEachFigure() {
    try (var browser = Browser.open()) {
      new DeliveredHistory(site.database(), source.get(), folder).fill();
      var page = page(browser, 1280, ColorScheme.LIGHT);

      page.getByLabel("Service").selectOption("ledger");
      page.locator("select[name=days]").selectOption("90");
      page.locator(".metric-filter button").click();
      page.locator(".metric summary").first().click();

      assertThat(page.locator("main")).containsText("ledger in production");
      assertThat(page.locator(".metric details p").first()).isVisible();
      assertThat(page.locator("main")).containsText("1 open");
      assertThat(page.request().get("/api/v1/metrics?zone=Mars").status()).isEqualTo(400);
      assertThat(page.request().get("/api/v1/metrics?days=0").status()).isEqualTo(400);
      assertThat(page.request().get("/api/v1/metrics?service=none").status()).isEqualTo(404);
    }
  }

  @Test
  void anEmptyPageTeachesWhatFillsIt() {
    try (var browser = Browser.open()) {
      var page = page(browser, 1280, ColorScheme.LIGHT);

      assertThat(page.locator(".empty")).containsText("fairway apply -f environments.yml");
      Browser.assertAccessible(page);
      Browser.picture(page, "metrics-empty");
    }
  }
}
