package dev.fairway.server.actions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.TickingClock;
import dev.fairway.server.actions.ActionSettings.Source;
import dev.fairway.server.db.Ids;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.evidence.Evidence;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Schemas;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.HttpServer;
import dev.fairway.server.http.Ingress;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.source.SourceModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ActionsTest {
  private static final Caller ADA =
      new Caller(
          Caller.Kind.PERSON,
          Ids.next(),
          "ada",
          Set.of(Role.DEVELOPER),
          EnumSet.allOf(Permission.class),
          null);

  @TempDir Path folder;

  private final TickingClock clock = new TickingClock(Instant.parse("2026-11-22T14:00:00Z"));
  private TestDatabase test;
  private SourceModule source;
  private ActionsModule module;
  private Actions actions;
  private ActionRepository foo;
  private String first;

  @BeforeEach
  void start() throws Exception {
    test = TestDatabase.create();
    var evidence = new Evidence(clock);
    var data = folder.resolve("data");
    source = SourceModule.create(test.database(), evidence, clock, data, Ids.next());
    module = ActionsModule.create(test.database(), evidence, source, clock, data);
    actions = module.actions();
    foo = ActionRepository.create(folder.resolve("mirrors/actions/foo"));
    first = foo.commit("one");
    foo.git("tag", "v1");
    settings("actions/*");
  }

  @AfterEach
  void stop() {
    source.close();
    test.close();
  }

  private void settings(String allowed) {
    settings(allowed, new Source("*", folder.resolve("mirrors") + "/{repository}"));
  }

  private void settings(String allowed, Source... sources) {
    var settings = new ActionSettings(List.of(sources), List.of(allowed));
    test.database().run(tx -> actions.change(tx, settings, "ada"));
  }

  private String resolve(String reference) {
    return actions.resolve(reference, "payments #1").sha();
  }

  private List<ActionLock> locks() {
    return test.database().read(actions::locks);
  }

  private void awaitMove() {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (locks().stream().noneMatch(lock -> lock.movedTo() != null)) {
      assertThat(System.nanoTime()).as("the move is seen").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void aTagThatMovedIsAnErrorUntilAPersonRemovesItsLock() throws Exception {
    assertThat(resolve("actions/foo@v1")).isEqualTo(first);
    var second = foo.commit("two");
    foo.git("tag", "--force", "v1");

    assertThat(resolve("actions/foo@v1")).as("from the lock").isEqualTo(first);
    clock.tick(ActionLimits.CHECK_PERIOD.plusSeconds(1));
    assertThat(resolve("Actions/Foo@v1")).as("at once, whatever the check finds").isEqualTo(first);
    awaitMove();

    assertThatThrownBy(() -> resolve("actions/foo@v1"))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
              assertThat(e).hasMessageContainingAll("actions/foo@v1", first, second);
              assertThat(e.next()).contains("fairway actions unlock actions/foo@v1");
            });
    test.database().run(tx -> actions.unlock(tx, "actions/foo@v1", "ada"));
    assertThat(resolve("actions/foo@v1")).isEqualTo(second);
    assertThat(Schemas.requireLedgerToFit(test.database())).containsExactly(PredicateType.ACTION);
  }

  @Test
  void aBranchStaysWhereItWasFirstUsed() throws Exception {
    assertThat(resolve("actions/foo@main")).isEqualTo(first);
    foo.commit("two");
    clock.tick(ActionLimits.CHECK_PERIOD.plusSeconds(1));

    assertThat(resolve("actions/foo@main")).isEqualTo(first);
    awaitMove();
    assertThat(resolve("actions/foo@main")).isEqualTo(first);
  }

  @Test
  void anAnnotatedTagMeansItsCommitAndATagComesBeforeABranch() throws Exception {
    foo.git("checkout", "-q", "-b", "v2");
    foo.commit("branch");
    foo.git(
        "-c",
        "user.name=Eve",
        "-c",
        "user.email=eve@example.org",
        "tag",
        "-am",
        "two",
        "v2",
        first);

    assertThat(resolve("actions/foo@v2")).isEqualTo(first);
    assertThat(locks()).singleElement().extracting(ActionLock::kind).isEqualTo("tag");
  }

  @Test
  void aCommitIsTakenAsItIsAndItsFilesKeepTheirModes() throws Exception {
    assertThat(resolve("actions/foo@" + first)).isEqualTo(first);
    assertThat(locks()).singleElement().extracting(ActionLock::kind).isEqualTo("commit");

    var zip = actions.archive("actions/foo", first);

    try (var file = new ZipFile(zip.toFile())) {
      assertThat(file.getEntry("action.yml")).isNotNull();
    }
    var target = Files.createDirectory(folder.resolve("unpacked"));
    new ProcessBuilder(
            "python3",
            "-c",
            "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]);"
                + "open(sys.argv[2],'w').write(oct(z.getinfo('main.sh').external_attr>>16))",
            zip.toString(),
            target.resolve("mode").toString())
        .start()
        .waitFor();
    assertThat(Files.readString(target.resolve("mode"))).isEqualTo("0o100755");
    foo.git("branch", "-m", "gone");
    assertThat(actions.archive("Actions/foo", first)).as("fetched once").isEqualTo(zip);
  }

  @Test
  void aCommitThatIsOnNoBranchAndNoTagIsRefusedAndOneThatWasThereStaysGood() throws Exception {
    var second = foo.commit("two");
    foo.git("checkout", "-q", "--detach");
    var stray = foo.commit("of a fork");
    foo.git("checkout", "-q", "main");

    assertThatThrownBy(() -> resolve("actions/foo@" + stray))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNPROCESSABLE);
              assertThat(e)
                  .hasMessageContainingAll(stray, "is on no branch and no tag of actions/foo");
              assertThat(e.next()).contains("It may come from a fork");
            });
    assertThat(locks()).isEmpty();
    assertThat(resolve("actions/foo@" + second)).isEqualTo(second);
    foo.git("reset", "-q", "--hard", first);

    assertThat(resolve("actions/foo@" + second)).as("asked once").isEqualTo(second);
    assertThat(Schemas.requireLedgerToFit(test.database())).containsExactly(PredicateType.ACTION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "actions/foo",
        "actions/foo@",
        "actions/../foo@v1",
        "actions/..@v1",
        "../foo@v1",
        "actions/foo@-v1",
        "actions/foo@v1..v2",
        "actions/foo@v1:x",
        "actions/foo@v*",
        "actions/foo@v1^{}",
        "-actions/foo@v1",
        "actions/foo bar@v1",
        "actions/foo/bar@v1",
        "actions/foo@v1\nrefs/heads/main"
      })
  void refusesWhatIsNoName(String reference) {
    assertThatThrownBy(() -> resolve(reference))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNPROCESSABLE));
  }

  @Test
  void onlyWhatIsAllowedIsLookedUp() {
    settings("actions/foo@v2");

    assertThatThrownBy(() -> resolve("actions/foo@v1"))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN))
        .hasMessageContaining("may not be used here");
    assertThatThrownBy(() -> resolve("evil/foo@" + first)).hasMessageContaining("may not be used");
    assertThat(locks()).isEmpty();
  }

  @Test
  void whatIsAllowedByDefaultIsOfProjectsHereAndOfGitHubItself() {
    var settings = ActionSettings.DEFAULT;

    assertThat(List.of("actions/foo@v1", "github/codeql-action@v3", "projects/shared@main"))
        .allMatch(reference -> settings.allows(ActionReference.parse(reference)));
    assertThat(List.of("tj-actions/changed-files@v45", "actionsx/foo@v1", "x/actions@v1"))
        .noneMatch(reference -> settings.allows(ActionReference.parse(reference)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*", "a*", "*/foo", "a*/*o", "act*ns/f*o", "actions/foo", "**", "*actions/foo*"})
  void aStarIsAnyCharacters(String pattern) {
    settings(pattern);
    assertThat(resolve("actions/foo@v1")).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"b*", "*/fo", "actions/foo*o", "a*x*o", "actions/foo*foo", "*@v2", "*@v1*1"})
  void whatIsBetweenTheStarsIsThereInItsOrder(String pattern) {
    settings(pattern);
    assertThatThrownBy(() -> resolve("actions/foo@v1")).hasMessageContaining("may not be used");
  }

  @Test
  @Timeout(30)
  void manyStarsTakeNoLongerThanTheTextIsLong() {
    var pattern = "a*".repeat(140) + "b";
    var settings = new ActionSettings(List.of(), List.of(pattern));

    assertThat(
            settings.allows(ActionReference.parse("a".repeat(99) + "/" + "a".repeat(99) + "@v1")))
        .isFalse();
  }

  @Test
  void asksOneSourceAfterTheOther() throws Exception {
    var own = ActionRepository.create(folder.resolve("own/actions/bar"));
    var sha = own.commit("bar");
    own.git("tag", "v1");
    settings(
        "actions/*",
        new Source("*", folder.resolve("own") + "/{owner}/{name}"),
        new Source("*", "file://" + folder.resolve("mirrors") + "/{repository}"));

    assertThat(resolve("actions/bar@v1")).isEqualTo(sha);
    assertThat(resolve("actions/foo@v1")).isEqualTo(first);
    assertThatThrownBy(() -> resolve("actions/none@v1"))
        .hasMessageContaining("is not there: asked")
        .hasMessageContaining("mirrors/actions/none");
  }

  @Test
  void fetchesOverHttpFromWhereTheSourceSaysAndFromAProjectHere() throws Exception {
    var routes = new RouteTable();
    source.routes().forEach(each -> each.register(routes));
    var http =
        HttpServer.start(
            "127.0.0.1", 0, Ingress.STRAIGHT, routes, _ -> ADA, (_, problem) -> problem.title());
    try {
      source.projects().create("shared", "", "", ADA);
      var url = "http://127.0.0.1:" + http.port() + "/git/";
      foo.git("push", "--quiet", url + "shared.git", "main", "v1");
      settings(
          "*", new Source("projects/*", "project:{name}"), new Source("*", url + "{name}.git"));

      assertThat(resolve("acme/shared@v1")).isEqualTo(first);
      assertThat(actions.archive("acme/shared", first)).isNotEmptyFile();
      assertThat(resolve("projects/shared@v1")).isEqualTo(first);
      assertThat(resolve("projects/shared@main")).isEqualTo(first);
      assertThat(actions.archive("projects/shared", first)).isNotEmptyFile();
      assertThatThrownBy(() -> resolve("acme/none@v1")).hasMessageContaining("is not there");
      assertThatThrownBy(() -> actions.archive("acme/shared", "0".repeat(40)))
          .isInstanceOf(FairwayException.class);
      assertThat(module.workflows().reusable("projects/shared/action.yml@v1", "x").text())
          .isEqualTo("one");
      assertThatThrownBy(() -> module.workflows().reusable("projects/shared/none.yml@v1", "x"))
          .hasMessageContaining("has no file none.yml");

      var second = foo.commit("two");
      foo.git("push", "--quiet", url + "shared.git", "main");
      assertThat(resolve("projects/shared@main")).as("every push is known").isEqualTo(second);
      var third = foo.commit("three");
      foo.git("push", "--quiet", url + "shared.git", "main");
      assertThat(resolve("acme/shared@" + second)).as("below the tip").isEqualTo(second);
      assertThat(resolve("acme/shared@" + third)).as("the tip itself").isEqualTo(third);
      assertThatThrownBy(() -> resolve("acme/shared@" + "1".repeat(40)))
          .hasMessageContaining("is on no branch and no tag of acme/shared");
      assertThatThrownBy(() -> resolve("acme/none@" + second)).hasMessageContaining("is on no");
    } finally {
      http.close();
    }
    assertThat(folder.resolve("data/actions/.building")).isEmptyDirectory();
  }

  @Test
  void aServerThatDoesNotAnswerIsNamed() {
    settings("*", new Source("*", "http://127.0.0.1:1/{repository}.git"));

    assertThatThrownBy(() -> resolve("acme/shared@v1"))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("http://127.0.0.1:1/acme/shared.git could not be read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://github.com/fixed.git",
        "https://user:secret@git.example.org/{repository}.git",
        "ssh://git@example.org/{repository}.git",
        "git://example.org/{repository}",
        "ext::sh -c {repository}",
        "--upload-pack={repository}",
        "https:{repository}",
        "relative/{repository}"
      })
  void refusesSourcesThatAreNone(String from) {
    assertThatThrownBy(() -> new Source("*", from)).isInstanceOf(FairwayException.class);
  }

  @Test
  void aLockIsTakenOnceByWhoeverComesFirst() throws Exception {
    var found = new ConcurrentLinkedQueue<String>();
    var threads = new ArrayList<Thread>();
    for (var i = 0; i < 8; i++) {
      threads.add(Thread.ofVirtual().start(() -> found.add(resolve("actions/foo@v1"))));
    }
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }

    assertThat(found).hasSize(8).containsOnly(first);
    assertThat(Schemas.requireLedgerToFit(test.database())).isNotEmpty();
    assertThat(locks()).hasSize(1);
  }
}
