package dev.fairway.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

final class GroupCommitTest {
  private static final int WRONG = 13;

  private final ConcurrentLinkedQueue<List<Integer>> batches = new ConcurrentLinkedQueue<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /// The first one waits until the test lets it go on.
  private List<String> insert(Handle tx, List<Integer> numbers) {
    batches.add(List.copyOf(numbers));
    numbers.forEach(n -> tx.createUpdate("INSERT INTO thing VALUES (:n)").bind("n", n).execute());
    if (numbers.contains(0)) {
      begun.countDown();
      await(goOn);
    }
    if (numbers.contains(WRONG)) {
      throw new IllegalStateException("thirteen");
    }
    return numbers.stream().map(n -> "n" + n).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> kept(Database database) {
    return database.read(
        tx -> tx.createQuery("SELECT n FROM thing ORDER BY n").mapTo(Integer.class).list());
  }

  private static TestDatabase database() {
    var test = TestDatabase.create();
    test.database().run(tx -> tx.execute("CREATE TABLE thing (n int)"));
    return test;
  }

  /// Asks for those numbers while the first one is on its way, and lets that go on when all wait.
  private List<Future<String>> ask(GroupCommit<String, Integer, String> commits, List<Integer> all)
      throws InterruptedException {
    var answers = new ArrayList<Future<String>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      answers.add(threads.submit(() -> commits.commit("key", 0)));
      await(begun);
      var asking = new ArrayList<Thread>();
      for (var n : all) {
        var answer = new FutureTask<>(() -> commits.commit("key", n));
        answers.add(answer);
        asking.add(Thread.ofPlatform().start(answer));
      }
      while (!asking.stream().allMatch(one -> one.getState() == Thread.State.WAITING)) {
        Thread.onSpinWait();
      }
      goOn.countDown();
    }
    return answers;
  }

  @Test
  void thoseWhoAskWhileOneIsOnItsWayAreServedTogetherEachWithItsOwnAnswer() throws Exception {
    try (var test = database()) {
      var commits =
          new GroupCommit<String, Integer, String>(
              test.database(), (tx, _, numbers) -> insert(tx, numbers));

      var answers = ask(commits, List.of(1, 2, 3));

      for (var n = 0; n < 4; n++) {
        assertThat(answers.get(n).get(60, TimeUnit.SECONDS)).isEqualTo("n" + n);
      }
      assertThat(batches).hasSize(2);
      assertThat(kept(test.database())).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void oneThatCannotBeDoneKeepsNoOtherFromIt() throws Exception {
    try (var test = database()) {
      var commits =
          new GroupCommit<String, Integer, String>(
              test.database(), (tx, _, numbers) -> insert(tx, numbers));

      var answers = ask(commits, List.of(1, WRONG, 3));

      assertThat(answers.get(1).get(60, TimeUnit.SECONDS)).isEqualTo("n1");
      assertThat(answers.get(3).get(60, TimeUnit.SECONDS)).isEqualTo("n3");
      assertThatThrownBy(() -> answers.get(2).get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseMessage("thirteen");
      assertThat(kept(test.database())).containsExactly(0, 1, 3);
    }
  }

  @Test
  void whatHasAnotherKeyWaitsForNobody() throws Exception {
    try (var test = database();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var commits =
          new GroupCommit<String, Integer, String>(
              test.database(), (tx, _, numbers) -> insert(tx, numbers));
      var first = threads.submit(() -> commits.commit("key", 0));
      await(begun);

      assertThat(commits.commit("other", 7)).isEqualTo("n7");
      assertThat(kept(test.database())).containsExactly(7);

      goOn.countDown();
      assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo("n0");
    }
  }
}
