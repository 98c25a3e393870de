package dev.fairway.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Debian's Chromium for one test: `try (var browser = Browser.open())`. Skips the test with a
/// reason where there is none.
///
/// Whatever a page complains about (a script's error, something that the content security policy
/// refused) fails the test when the browser closes, unless the test took it with [#complaints].
public final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final double PATIENCE_MILLIS = 30_000;

  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private Browser() {}

  public static Browser open() {
    assumeTrue(Files.isExecutable(CHROMIUM), "needs Debian's chromium package (" + CHROMIUM + ")");
    return new Browser();
  }

  /// Started by the first test that needs it, and ended with the JVM: each test's people have
  /// contexts of their own, which share nothing. Tests use it from one thread.
  private static final class Shared {
    static final com.microsoft.playwright.Browser CHROMIUM_PROCESS = start();

    private static com.microsoft.playwright.Browser start() {
      var environment = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
      var playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
      return playwright
          .chromium()
          .launch(
              new LaunchOptions()
                  .setExecutablePath(CHROMIUM)
                  .setArgs(List.of("--no-sandbox", "--disable-gpu")));
    }
  }

  /// A new person's browser at a desk: no cookies, paths below that address.
  public Page person(String address) {
    return page(address, 1280, 800, ColorScheme.LIGHT);
  }

  /// A new person's browser of that size and colour scheme.
  public Page page(String address, int width, int height, ColorScheme scheme) {
    BrowserContext context =
        Shared.CHROMIUM_PROCESS.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setBaseURL(address)
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setLocale("en-GB"));
    contexts.add(context);
    context.setDefaultTimeout(PATIENCE_MILLIS);
    context.setDefaultNavigationTimeout(PATIENCE_MILLIS);
    var page = context.newPage();
    page.onPageError(complaints::add);
    page.onConsoleMessage(message -> complain(message));
    return page;
  }

  private void complain(ConsoleMessage message) {
    // That a page answered 4xx is for the test to judge; Chromium says it in the console as well.
    if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
      complaints.add(message.text());
    }
  }

  /// Signs in through the form.
  public static void signIn(Page page, String name, String password) {
    page.navigate("/sign-in");
    page.getByLabel("Name").fill(name);
    page.getByLabel("Password").fill(password);
    page.locator("button:has-text('Sign in')").click();
    page.waitForURL(url -> !url.contains("/sign-in"));
  }

  /// Fails with every rule of WCAG 2.2 AA and of good practice that the page breaks, as axe-core
  /// sees it.
  public static void assertAccessible(Page page) {
    page.evaluate(Axe.SCRIPT);
    var violations =
        page.evaluate(
            """
            async () => {
              const found = await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
              });
              return found.violations.map((v) =>
                `${v.id}: ${v.help}\\n` + v.nodes.map((n) => `    ${n.html}\\n    ${n.failureSummary}`).join("\\n"));
            }
            """);
    assertThat((List<?>) violations).as("what axe-core finds at %s", page.url()).isEmpty();
  }

  /// Writes a picture for people to look at, where the property `fairway.screenshots` names a
  /// folder.
  public static void picture(Page page, String name) {
    var folder = System.getProperty("fairway.screenshots");
    if (folder != null) {
      page.screenshot(
          new Page.ScreenshotOptions().setPath(Path.of(folder, name + ".png")).setFullPage(true));
    }
  }

  /// What pages complained about so far, and forgets it.
  public List<String> complaints() {
    var taken = List.copyOf(complaints);
    complaints.clear();
    return taken;
  }

  @Override
  public void close() {
    contexts.forEach(BrowserContext::close);
    assertThat(complaints).as("what the pages complained about").isEmpty();
  }

  private static final class Axe {
    static final String SCRIPT = load();

    private static String load() {
      try (var in = Browser.class.getResourceAsStream("/axe.min.js")) {
        if (in == null) {
          throw new IllegalStateException("axe.min.js is not on the class path");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
