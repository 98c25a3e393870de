package dev.fairway.server.run;

import static dev.fairway.testing.Browser.assertAccessible;
import static dev.fairway.testing.Browser.picture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.options.ColorScheme;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.SourceModule;
import dev.fairway.server.vault.TestVault;
import dev.fairway.server.web.TestSite;
import dev.fairway.testing.Browser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Workflows that people start by hand, over a real repository.
final class DispatchTest {
  private static final String WORKFLOW =
      """
      name: Load
      on:
        workflow_dispatch:
          inputs:
            level: {type: choice, options: [low, high], default: low, description: How hard}
            count: {type: number, required: true}
            dry: {type: boolean, default: true}
            note: {type: string, default: by hand}
            target: {type: environment}
      jobs:
        load:
          runs-on: linux
          steps:
            - run: make load
      """;

  @TempDir Path folder;
  private TestSite site;
  private final AtomicReference<Dispatches> dispatches = new AtomicReference<>();
  private Project project;

  @BeforeEach
  void push() throws Exception {
    var projects = new AtomicReference<Projects>();
    site =
        TestSite.start(
            InstantSource.system(),
            ground -> {
              var source =
                  SourceModule.create(
                      ground.database(),
                      ground.evidence(),
                      InstantSource.system(),
                      folder,
                      UUID.randomUUID());
              projects.set(source.projects());
              var module =
                  RunModule.create(
                      ground.database(),
                      ground.evidence(),
                      source.projects(),
                      TestVault.over(ground.evidence()),
                      ground.web(),
                      InstantSource.system(),
                      new SecureRandom());
              module.offer(_ -> List.of("staging", "production"));
              var evidence = new RunEvidence(ground.evidence());
              dispatches.set(
                  new Dispatches(
                      ground.database(),
                      source.projects(),
                      new RunStarter(
                          new Scheduler(evidence, InstantSource.system()),
                          evidence,
                          TestVault.over(ground.evidence()),
                          InstantSource.system())));
              return List.of(routes -> module.routes().forEach(one -> one.register(routes)));
            });
    var roles = Set.of(Role.DEVELOPER);
    var ada = new Caller(Caller.Kind.PERSON, Ids.next(), "ada", roles, Permission.of(roles), null);
    project = projects.get().create("payments", "", "main", ada);
    var work = Files.createDirectory(folder.resolve("work"));
    Files.createDirectories(work.resolve(".github/workflows"));
    Files.writeString(work.resolve(".github/workflows/load.yml"), WORKFLOW);
    Files.writeString(work.resolve(".github/workflows/push.yml"), "on: push\njobs: {}\n");
    git(work, "init", "-q", "-b", "main");
    git(work, "add", ".");
    git(work, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-qm", "Load");
    for (var name : List.of("branch feature", "branch both", "tag both", "tag v1")) {
      git(work, name.split(" "));
    }
    try (var folders = Files.walk(folder.resolve("repositories"))) {
      var bare = folders.filter(one -> Files.exists(one.resolve("HEAD"))).findFirst().orElseThrow();
      git(bare, "fetch", "-q", work.toString(), "+refs/*:refs/*");
    }
  }

  @AfterEach
  void end() {
    site.close();
  }

  private static void git(Path folder, String... words) throws Exception {
    var command = new String[words.length + 1];
    command[0] = "git";
    System.arraycopy(words, 0, command, 1, words.length);
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void aRefWithoutItsFolderIsABranchOrATagAndNeverBoth() {
    assertThat(ref("")).isEqualTo("refs/heads/main");
    assertThat(ref("feature")).isEqualTo("refs/heads/feature");
    assertThat(ref("v1")).isEqualTo("refs/tags/v1");
    assertThat(ref("refs/tags/both")).isEqualTo("refs/tags/both");
    assertThatThrownBy(() -> ref("both"))
        .hasMessageContaining("has a branch and a tag named 'both'");
    for (var none : List.of("nowhere", "refs/heads/nowhere", "refs/pull/1", "main~1", "HEAD")) {
      assertThatThrownBy(() -> ref(none))
          .isInstanceOfSatisfying(
              FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
  }

  private String ref(String wanted) {
    return dispatches.get().ref(project, wanted).name();
  }

  @Test
  void aRunOfATagSaysSo() {
    var run =
        dispatches
            .get()
            .start(project, ".github/workflows/load.yml", "v1", Map.of("count", "3"), "ada");

    assertThat(run.ref()).isEqualTo("refs/tags/v1");
    assertThat(run.contexts()).contains("\"ref_type\":\"tag\"", "\"ref_name\":\"v1\"");
  }

  @Test
  void theFormTakesTypedInputsAndShowsWhatIsWrongBesideThem() {
    try (var browser = Browser.open()) {
      site.person("ada", Role.DEVELOPER);
      var page = browser.person(site.address());
      Browser.signIn(page, "ada", TestSite.PASSWORD);
      page.navigate("/projects/payments/runs");
      page.locator("text=Run a workflow").click();
      assertThat(page.locator("select[name='input.level']").inputValue()).isEqualTo("low");
      assertThat(page.locator("input[name='input.dry']").isChecked()).isTrue();
      assertAccessible(page);

      page.locator("input[name='input.count']").fill("many");
      page.locator("input[name='input.note']").fill("before the launch");
      page.locator("input[name='input.dry']").uncheck();
      page.locator("button:has-text('Run workflow')").click();
      page.locator(".problem:has-text('must be a number')").waitFor();
      assertThat(page.locator("input[name='input.note']").inputValue())
          .isEqualTo("before the launch");
      assertThat(page.locator("input[name='input.dry']").isChecked()).isFalse();
      assertAccessible(page);
      picture(page, "dispatch");
      var phone = browser.page(site.address(), 390, 844, ColorScheme.DARK);
      Browser.signIn(phone, "ada", TestSite.PASSWORD);
      phone.navigate("/projects/payments/runs/new");
      assertAccessible(phone);
      picture(phone, "dispatch-phone");

      page.locator("select[name=ref]").selectOption("refs/tags/v1");
      page.waitForURL("**ref=refs%2Ftags%2Fv1**");
      page.locator("input[name='input.count']").fill("12");
      page.locator("select[name='input.target']").selectOption("staging");
      page.locator("button:has-text('Run workflow')").click();
      page.waitForURL("**/runs/1");
      assertThat(page.locator(".head").innerText()).contains("started by hand on", "v1");
    }
  }

  @Test
  void anEnvironmentThatIsNoneIsRefused() {
    dispatches.get().offer(_ -> List.of("staging"));

    assertThatThrownBy(() ->
            dispatches
                .get()
                .start(
                    project,
                    ".github/workflows/load.yml",
                    "",
                    Map.of("count", "3", "target", "moon"),
                    "ada"))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e ->
                assertThat(e.details())
                    .containsEntry(
                        "inputs",
                        Map.of("target", "There is no environment 'moon'. There are: staging.")));
  }
}
