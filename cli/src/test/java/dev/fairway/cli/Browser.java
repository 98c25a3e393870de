package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Debian's Chromium for one test, which is skipped with a reason where there is none.
final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final double PATIENCE_MILLIS = 30_000;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;

  private Browser(Playwright playwright, com.microsoft.playwright.Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  static Browser open() {
    assumeTrue(Files.isExecutable(CHROMIUM), "needs Debian's chromium package (" + CHROMIUM + ")");
    var playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    var options =
        new LaunchOptions()
            .setExecutablePath(CHROMIUM)
            .setArgs(List.of("--no-sandbox", "--disable-gpu"));
    return new Browser(playwright, playwright.chromium().launch(options));
  }

  /// A person at a desk who has signed in through the form.
  Page signedIn(URI address, Member member) {
    var context =
        browser.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setBaseURL(address.toString())
                .setViewportSize(1280, 800)
                .setColorScheme(ColorScheme.LIGHT)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setLocale("en-GB"));
    context.setDefaultTimeout(PATIENCE_MILLIS);
    var page = context.newPage();
    page.navigate("/sign-in");
    assertAccessible(page);
    page.getByLabel("Name").fill(member.name());
    page.getByLabel("Password").fill(Member.PASSWORD);
    page.locator("button:has-text('Sign in')").click();
    page.waitForURL(url -> !url.contains("/sign-in"));
    return page;
  }

  /// Fails with every rule of WCAG 2.2 AA and of good practice that the page breaks, as axe-core
  /// sees it.
  static void assertAccessible(Page page) {
    page.evaluate(axe());
    var violations =
        page.evaluate(
            """
            async () => {
              const found = await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
              });
              return found.violations.map((v) =>
                `${v.id}: ${v.help}\\n` + v.nodes.map((n) => `    ${n.html}`).join("\\n"));
            }
            """);
    assertThat((List<?>) violations).as("what axe-core finds at %s", page.url()).isEmpty();
  }

  private static String axe() {
    try (var in = Browser.class.getResourceAsStream("/axe.min.js")) {
      if (in == null) {
        throw new IllegalStateException("axe.min.js is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes what a person sees, where the property `fairway.screenshots` names a folder.
  static void picture(Page page, String name) {
    var folder = System.getProperty("fairway.screenshots");
    if (folder != null) {
      page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(folder, name + ".png")));
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
