package dev.fairway.server.source;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.web.Buoy;
import dev.fairway.server.web.StateMark;
import dev.fairway.testing.Browser;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourceBrowserTest {
  private static final String CREDENTIALS =
      "Basic " + Base64.getEncoder().encodeToString("ada:secret".getBytes(UTF_8));

  @TempDir Path folder;

  private TestDatabase test;
  private SourceServer server;
  private Browser browser;

  @BeforeEach
  void start() {
    browser = Browser.open();
    test = TestDatabase.create();
    server = SourceServer.start(test.database(), folder.resolve("data"));
  }

  @AfterEach
  void stop() {
    // The browser first: its open streams would hold the server up.
    browser.close();
    if (server != null) {
      server.close();
      test.close();
    }
  }

  private Page ada(int width, ColorScheme scheme) {
    var page = browser.page("http://127.0.0.1:" + server.port(), width, 800, scheme);
    page.context().setExtraHTTPHeaders(Map.of("Authorization", CREDENTIALS));
    return page;
  }

  @Test
  void aPersonCreatesAProjectAndFollowsTheFirstPush() {
    var page = ada(1280, ColorScheme.LIGHT);
    page.navigate("/projects");
    Browser.assertAccessible(page);
    Browser.picture(page, "projects-empty");

    page.getByText("New project…").click();
    page.getByLabel("Name").fill("payments");
    page.getByLabel("What it does").fill("Moves money between accounts, and refuses to lose any");
    Browser.picture(page, "projects-new");
    page.getByText("Create the project").click();

    page.waitForURL("**/projects/payments");
    assertThat(page.locator(".commands")).containsText("git push fairway main");
    Browser.assertAccessible(page);
    Browser.picture(page, "project-empty");

    var work = GitClient.init(folder.resolve("work"));
    page.navigate("/changes");
    assertThat(page.getByText("No changes yet")).isVisible();
    Browser.assertAccessible(page);
    var sha = work.commit("pom.xml", "<project/>\n");
    work.run("push", server.url("ada", "payments"), "main");

    // The page hears of it by itself.
    assertThat(page.getByText("Change pom.xml")).isVisible();
    page.getByText("Change pom.xml").click();
    page.waitForURL("**/projects/payments/commits/" + sha);
    assertThat(page.locator("h1")).hasText("Change pom.xml");
  }

  @Test
  void everyPageOfAChangeIsAccessibleInBothSchemesAndOnAPhone() {
    var project =
        server
            .projects()
            .create("payments", "Moves money between accounts", "", SourceServer.ada());
    server.projects().create("orders", "", "", SourceServer.ada());
    server
        .web()
        .add((tx, change) ->
            List.of(
                new Buoy("Run #4", StateMark.OK, "success", Instant.now(), "/changes"),
                new Buoy("Release", StateMark.RUN, "publishing", null, null),
                new Buoy("Staging", StateMark.WAIT, "needs 1 approval", null, null),
                Buoy.ahead("Production", "after staging")));
    var work = GitClient.init(folder.resolve("work"));
    work.commit("pom.xml", "<project/>\n");
    work.commit("src/main/java/dev/example/payments/Ledger.java", "class Ledger {}\n");
    work.run("push", server.url("ada", "payments"), "main", "main:topic");
    work.run("commit", "--quiet", "--amend", "--message", "Refuse transfers beyond the limit");
    work.run("push", "--force", server.url("ada", "payments"), "main:topic");
    work.run("tag", "v1");
    work.run("push", server.url("ada", "payments"), "v1");
    var sha = work.run("rev-parse", "HEAD");
    var paths =
        Map.of(
            "projects",
            "/projects",
            "project",
            "/projects/" + project.name(),
            "changes",
            "/changes",
            "commit",
            "/projects/payments/commits/" + sha);

    for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (var width : List.of(1280, 390)) {
        var page = ada(width, scheme);
        paths.forEach((name, path) -> {
          page.navigate(path);
          Browser.assertAccessible(page);
          Browser.picture(page, name + "-" + scheme + "-" + width);
        });
        page.context().close();
      }
    }
  }
}
