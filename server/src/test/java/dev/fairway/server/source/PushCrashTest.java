package dev.fairway.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PushCrashTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private TestDatabase test;
  private Project project;
  private GitClient work;
  private String sha;

  @BeforeEach
  void prepare() {
    test = TestDatabase.create();
    try (var server = SourceServer.start(test.database(), data())) {
      project = server.projects().create("payments", "", "", SourceServer.ada());
    }
    work = GitClient.init(folder.resolve("work"));
    sha = work.commit("a", "1");
  }

  @AfterEach
  void stop() {
    test.close();
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void pushIntoDeath(CrashPoint point) throws InterruptedException {
    try (var dying = DyingServer.start(test.url(), data(), point)) {
      work.attempt("push", dying.url("payments"), "main");
      assertThat(dying.died()).isTrue();
    }
    assertThat(changes()).isEmpty();
  }

  private List<Change> changes() {
    return test.database().read(tx -> Changes.newest(tx, project.id(), 10));
  }

  private List<Change> awaitChanges(int count) {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (changes().size() < count && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return changes();
  }

  @ParameterizedTest
  @EnumSource(names = {"REFS_MOVED", "BEFORE_COMMIT"})
  void aServerThatDiesAfterGitMovedTheRefsFindsThePushAtItsNextStart(CrashPoint point)
      throws InterruptedException {
    pushIntoDeath(point);

    try (var server = SourceServer.start(test.database(), data())) {
      assertThat(server.port()).isPositive();
      assertThat(awaitChanges(1))
          .singleElement()
          .satisfies(change -> {
            assertThat(change.after()).isEqualTo(sha);
            assertThat(change.pusher()).isEqualTo("ada");
            assertThat(change.recovered()).isTrue();
          });
    }
    assertThat(evidence()).isEqualTo(1);
  }

  @Test
  void aPushThatWasLostWithoutTheHooksWordIsFoundByWhatItAskedFor() throws Exception {
    pushIntoDeath(CrashPoint.REFS_MOVED);
    try (var files = Files.list(data().resolve("git-journals"))) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }

    try (var server = SourceServer.start(test.database(), data())) {
      assertThat(server.port()).isPositive();
      assertThat(awaitChanges(1)).extracting(Change::pusher).containsExactly("ada");
    }
  }

  @Test
  void aServerThatDiesBeforeGitSawThePushRecordsNothingAndTakesItAgain()
      throws InterruptedException {
    pushIntoDeath(CrashPoint.PUSH_OPENED);

    try (var server = SourceServer.start(test.database(), data())) {
      work.run("push", server.url("ada", "payments"), "main");
    }

    assertThat(changes()).singleElement().satisfies(c -> assertThat(c.after()).isEqualTo(sha));
    assertThat(evidence()).isEqualTo(1);
  }

  private int evidence() {
    return test.database()
        .read(tx ->
            tx.createQuery("SELECT count(*) FROM ledger_entry WHERE type LIKE '%/push/v1'")
                .mapTo(Integer.class)
                .one());
  }
}
