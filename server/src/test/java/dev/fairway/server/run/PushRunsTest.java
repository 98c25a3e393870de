package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.PushPredicate;
import dev.fairway.server.source.SourceModule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs from commits in a real repository.
final class PushRunsTest {
  private static final String WORKFLOW =
      """
      on:
        push:
          branches: [main]
          paths: ['src/**']
      jobs:
        test:
          runs-on: ubuntu-latest
          steps:
            - run: make test
      """;

  @TempDir Path folder;

  @Test
  void aPushStartsTheWorkflowsWhoseFiltersItPasses() throws Exception {
    try (var fixture = new RunFixture();
        var source =
            SourceModule.create(
                fixture.database(),
                new Evidence(fixture.clock),
                fixture.clock,
                folder,
                UUID.randomUUID())) {
      var project = source.projects().create("payments", "", "", Caller.NOBODY);
      var subscriber =
          new PushRuns(
              source.projects(),
              new DefaultWorkflows(source.projects(), fixture.clock),
              fixture.starter);
      write(".github/workflows/ci.yml", WORKFLOW);
      write(".fairway/workflows/broken.yaml", "on: push\njobs: 3\n");
      write(".github/workflows/deep/not-this.yml", WORKFLOW);
      write("src/a.txt", "1");
      var first = commit(project);
      see(fixture, subscriber, project, null, first);
      write("readme.md", "2");
      var second = commit(project);
      see(fixture, subscriber, project, first, second);

      var runs = fixture.database().read(tx -> RunStore.latest(tx));
      assertThat(runs)
          .extracting(run -> run.number() + " " + run.workflowPath() + " " + run.stateWord())
          .containsExactly(
              "3 .fairway/workflows/broken.yaml failure",
              "2 .fairway/workflows/broken.yaml failure",
              "1 .github/workflows/ci.yml queued");
      assertThat(runs.getLast().title()).isEqualTo("Change it");
      assertThat(runs.getLast().actor()).isEqualTo("ada");
    }
  }

  @Test
  void whatAPushBroughtIsReadBeforeItsTransaction() throws Exception {
    try (var fixture = new RunFixture();
        var source =
            SourceModule.create(
                fixture.database(),
                new Evidence(fixture.clock),
                fixture.clock,
                folder,
                UUID.randomUUID())) {
      var project = source.projects().create("payments", "", "", Caller.NOBODY);
      var subscriber =
          new PushRuns(
              source.projects(),
              new DefaultWorkflows(source.projects(), fixture.clock),
              fixture.starter);
      write(
          ".github/workflows/ci.yml", "on: push\njobs: {a: {runs-on: linux, steps: [{run: x}]}}\n");
      var entry = entry(fixture, project, null, commit(project));
      subscriber.prepare(entry);
      var bare = folder.resolve("repositories").resolve(project.id() + ".git");
      git(bare, "update-ref", "-d", "refs/heads/main");
      git(bare, "gc", "--quiet", "--prune=now");

      fixture.database().run(tx -> subscriber.on(tx, entry));

      List<Run> runs = fixture.database().read(RunStore::latest);
      assertThat(runs).extracting(Run::stateWord).containsExactly("queued");
    }
  }

  private static void see(
      RunFixture fixture,
      PushRuns subscriber,
      Project project,
      @Nullable String before,
      String after) {
    var entry = entry(fixture, project, before, after);
    subscriber.prepare(entry);
    fixture.database().run(tx -> subscriber.on(tx, entry));
  }

  private static LedgerEntry entry(
      RunFixture fixture, Project project, @Nullable String before, String after) {
    var push =
        new PushPredicate(
            project.id(),
            project.name(),
            Ids.next(),
            new PushPredicate.Pusher(Ids.next(), "ada"),
            fixture.clock.instant(),
            "refs/heads/main",
            before,
            after,
            after,
            true,
            false,
            false,
            1,
            List.of());
    return new LedgerEntry(
        0,
        Ids.next(),
        PredicateType.PUSH,
        List.of(Subject.commit(project.name(), after)),
        Json.MAPPER.valueToTree(push),
        Set.of(),
        "ada",
        fixture.clock.instant());
  }

  private void write(String file, String text) throws IOException {
    var path = folder.resolve("work").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String commit(Project project) throws Exception {
    var work = folder.resolve("work");
    if (!Files.exists(work.resolve(".git"))) {
      git(work, "init", "--quiet", "--initial-branch=main");
    }
    git(work, "add", "--all");
    git(
        work,
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "commit",
        "-qm",
        "Change it");
    var repository = folder.resolve("repositories").resolve(project.id() + ".git");
    git(work, "push", "--quiet", repository.toString(), "main");
    return git(work, "rev-parse", "HEAD").strip();
  }

  private static String git(Path work, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
