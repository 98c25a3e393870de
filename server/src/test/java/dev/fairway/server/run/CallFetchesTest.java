package dev.fairway.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.actions.ActionsModule;
import dev.fairway.server.db.Ids;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.evidence.Subject;
import dev.fairway.server.http.Caller;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.PushPredicate;
import dev.fairway.server.source.SourceModule;
import dev.fairway.workflow.ParseResult;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that call workflows of repositories which a server far away has, and which answers when the
/// test lets it.
final class CallFetchesTest {
  private static final String CI =
      """
      on: push
      concurrency: {group: one, cancel-in-progress: true}
      jobs: {far: {uses: acme/shared/.github/workflows/w.yml@v1}}
      """;
  private static final String NEAR =
      "on: push\njobs: {near: {runs-on: linux, steps: [{run: make}]}}\n";
  private static final String CALLED =
      "on: workflow_call\njobs: {a: {runs-on: linux, steps: [{run: make}]}}\n";

  @TempDir Path folder;
  private final RunFixture fixture = new RunFixture();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private SourceModule source;
  private Project project;
  private PushRuns pushes;
  private CallFetcher fetcher;
  private HttpServer far;

  @BeforeEach
  void create() throws Exception {
    var evidence = new Evidence(fixture.clock);
    var data = folder.resolve("data");
    source =
        SourceModule.create(fixture.database(), evidence, fixture.clock, data, UUID.randomUUID());
    var actions = ActionsModule.create(fixture.database(), evidence, source, fixture.clock, data);
    fixture.starter.sources(actions.workflows());
    project = source.projects().create("payments", "", "", Caller.NOBODY);
    pushes =
        new PushRuns(
            source.projects(),
            new DefaultWorkflows(source.projects(), fixture.clock),
            fixture.starter);
    fetcher = newFetcher();
    far = slowServer();
    comeFrom("http://127.0.0.1:" + far.getAddress().getPort() + "/{repository}");
  }

  private CallFetcher newFetcher() {
    return new CallFetcher(fixture.database(), source.projects(), fixture.starter, fixture.clock);
  }

  /// A repository over HTTP, each answer of which waits for the test.
  private HttpServer slowServer() throws Exception {
    var work = folder.resolve("shared");
    Files.createDirectories(work.resolve(".github/workflows"));
    Files.writeString(work.resolve(".github/workflows/w.yml"), CALLED);
    git(work, "init", "--quiet", "--initial-branch=main");
    git(work, "add", "--all");
    git(work, "-c", "user.name=Ada", "-c", "user.email=a@example.org", "commit", "-qm", "One");
    git(work, "tag", "v1");
    git(work, "update-server-info");
    var slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    slow.createContext(
        "/",
        exchange -> {
          asked.countDown();
          try {
            assertThat(answer.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          var file =
              work.resolve(
                  ".git" + exchange.getRequestURI().getPath().replaceFirst("/acme/shared", ""));
          var bytes = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
          try (exchange) {
            exchange.sendResponseHeaders(bytes.length == 0 ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    slow.start();
    return slow;
  }

  private void comeFrom(String place) {
    fixture
        .database()
        .run(tx ->
            tx.createUpdate(
                    """
                    INSERT INTO action_settings (settings, changed_at, changed_by)
                    VALUES (CAST(:settings AS jsonb), now(), 'rosa')
                    """)
                .bind(
                    "settings",
                    """
                    {"sources": [{"repositories": "*", "from": "%s"}], "allowed": ["acme/*"]}
                    """
                        .formatted(place))
                .execute());
  }

  @AfterEach
  void close() {
    answer.countDown();
    far.stop(0);
    Schemas.requireLedgerToFit(fixture.database());
    fetcher.close();
    source.close();
    fixture.close();
  }

  private static void git(Path work, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  /// A push of files, `name, text, …`, and what follows from it.
  private List<Run> push(String... files) throws Exception {
    var work = folder.resolve("work");
    for (var i = 0; i < files.length; i += 2) {
      var file = work.resolve(".github/workflows").resolve(files[i]);
      Files.createDirectories(file.getParent());
      Files.writeString(file, files[i + 1]);
    }
    if (!Files.exists(work.resolve(".git"))) {
      git(work, "init", "--quiet", "--initial-branch=main");
    }
    git(work, "add", "--all");
    git(
        work,
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=a@example.org",
        "commit",
        "-qm",
        "Change",
        "--allow-empty");
    var bare = folder.resolve("data/repositories").resolve(project.id() + ".git");
    git(work, "push", "--quiet", bare.toString(), "main");
    var commit = source.projects().repository(project).commitOf("refs/heads/main").orElseThrow();
    var before = fixture.database().read(RunStore::latest).size();
    fixture.database().run(tx -> pushes.on(tx, entry(commit)));
    List<Run> latest = fixture.database().read(RunStore::latest);
    return latest.subList(0, latest.size() - before).reversed();
  }

  private LedgerEntry entry(String commit) {
    var push =
        new PushPredicate(
            project.id(),
            project.name(),
            Ids.next(),
            new PushPredicate.Pusher(Ids.next(), "ada"),
            fixture.clock.instant(),
            "refs/heads/main",
            null,
            commit,
            commit,
            true,
            false,
            false,
            1,
            List.of());
    return new LedgerEntry(
        0,
        Ids.next(),
        PredicateType.PUSH,
        List.of(Subject.commit(project.name(), commit)),
        Json.MAPPER.valueToTree(push),
        Set.of(),
        "ada",
        fixture.clock.instant());
  }

  private List<String> states(Run run) {
    return fixture.jobs(run).stream().map(job -> job.name() + " " + job.stateWord()).toList();
  }

  @Test
  void aSourceThatDoesNotAnswerHoldsUpOnlyTheRunThatNeedsIt() throws Exception {
    var first = push("ci.yml", CI);
    assertThat(first).singleElement().extracting(Run::stateWord).isEqualTo("queued");
    try (var beside = Executors.newVirtualThreadPerTaskExecutor()) {
      var fetch = beside.submit(() -> fetcher.fetch(fetcher.take().orElseThrow()));
      assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();

      var second = push("near.yml", NEAR).getLast();
      assertThat(states(second)).containsExactly("near queued");
      assertThat(states(first.getFirst())).isEmpty();
      ParseResult shown = fixture.database().read(tx -> Definitions.of(tx, first.getFirst()));
      assertThat(shown).as("what its page sees meanwhile").isInstanceOf(ParseResult.Invalid.class);

      answer.countDown();
      fetch.get();
    }
    assertThat(states(first.getFirst())).containsExactly("far / a queued");
    assertThat(fixture.begin().workflowText()).isNotEmpty();
  }

  @Test
  void whatAServerWasAtWhenItDiedIsDoneByTheNextAndOnce() throws Exception {
    answer.countDown();
    var run = push("ci.yml", CI).getFirst();
    assertThat(fetcher.take()).contains(run.id());

    try (var next = newFetcher()) {
      assertThat(next.take()).as("while the first may still be at it").isEmpty();
      fixture.clock.tick(CallFetcher.TURN);
      assertThat(next.take()).contains(run.id());
      next.fetch(run.id());
    }
    fetcher.fetch(run.id());

    assertThat(states(run)).containsExactly("far / a queued");
  }

  @Test
  void runsOfOneWorkflowGoOnInTheirOrder() throws Exception {
    answer.countDown();
    var first = push("ci.yml", CI).getFirst();
    var second =
        push(
                "ci.yml",
                CI.replace(
                    "far: {uses: acme/shared/.github/workflows/w.yml@v1}",
                    "near: {runs-on: linux, steps: [{run: make}]}"))
            .getFirst();

    assertThat(fetcher.take()).contains(first.id());
    assertThat(fetcher.take()).as("the second is behind the first").isEmpty();
    fetcher.fetch(first.id());
    assertThat(fetcher.take()).contains(second.id());
    fetcher.fetch(second.id());

    List<Groups.Turn> turns = fixture.database().read(tx -> Groups.of(tx, first.id()));
    assertThat(turns).singleElement().extracting(Groups.Turn::evicted).isEqualTo("run #2");
  }

  @Test
  void aRunIsCancelledBeforeItHasJobs() throws Exception {
    var run = push("ci.yml", CI).getFirst();
    fixture.database().run(tx -> fixture.actions.cancel(tx, run.id(), "mia"));

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(fetcher.take()).isEmpty();
    assertThatThrownBy(() ->
            fixture
                .database()
                .run(tx -> fixture.actions.rerun(tx, run.id(), new Again.All(false), "mia")))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("was cancelled before it had jobs");
  }

  @Test
  void aWorkflowThatCannotBeHadFailsItsRunAtTheLine() throws Exception {
    answer.countDown();
    var run = push("ci.yml", CI.replace("@v1", "@v2")).getFirst();
    fetcher.fetch(fetcher.take().orElseThrow());

    assertThat(fixture.reload(run).outcome()).isEqualTo(Outcome.FAILURE);
    var finding = fixture.database().read(tx -> DetailStore.annotations(tx, run.id())).getFirst();
    assertThat(finding.place()).isEqualTo(".github/workflows/ci.yml:3:20");
    assertThat(finding.message()).contains("acme/shared@v2 is not there");
  }
}
