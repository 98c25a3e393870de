package dev.fairway.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DatabaseTest {
  @Test
  void aNotificationArrivesWhenItsTransactionCommits() throws Exception {
    try (var test = TestDatabase.create()) {
      var heard = new LinkedBlockingQueue<String>();
      test.database().listen("greeting", heard::add);
      assertThat(heard.poll(10, TimeUnit.SECONDS)).as("the catch-up on connecting").isEmpty();

      test.database().run(tx -> Database.notify(tx, "greeting", "ahoy"));

      assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("ahoy");
    }
  }

  @Test
  void everyServerHearsOnceWhatOneOfThemCommitted() throws Exception {
    try (var test = TestDatabase.create();
        var other = Database.connect(test.url())) {
      var here = new LinkedBlockingQueue<String>();
      var there = new LinkedBlockingQueue<String>();
      test.database().listen("greeting", here::add);
      other.listen("greeting", there::add);
      assertThat(here.poll(10, TimeUnit.SECONDS)).isEmpty();
      assertThat(there.poll(10, TimeUnit.SECONDS)).isEmpty();

      for (var n = 0; n < 100; n++) {
        var word = "ahoy " + n;
        test.database().run(tx -> Database.notify(tx, "greeting", word));
      }
      var expected = IntStream.range(0, 100).mapToObj(n -> "ahoy " + n).toList();
      assertThat(until("ahoy 99", there)).containsExactlyElementsOf(expected.subList(0, 99));

      // It comes behind whatever the first one would hear of itself.
      other.run(tx -> Database.notify(tx, "greeting", "farewell"));
      assertThat(until("farewell", here)).containsExactlyElementsOf(expected);
    }
  }

  private static List<String> until(String last, LinkedBlockingQueue<String> heard)
      throws InterruptedException {
    var words = new ArrayList<String>();
    for (var word = heard.poll(10, TimeUnit.SECONDS);
        !last.equals(word);
        word = heard.poll(10, TimeUnit.SECONDS)) {
      assertThat(word).as("heard after " + words).isNotNull();
      words.add(word);
    }
    return words;
  }

  @Test
  void aRolledBackTransactionLeavesNothing() {
    try (var test = TestDatabase.create()) {
      var database = test.database();
      database.run(tx -> tx.execute("CREATE TABLE thing (n int)"));

      assertThatThrownBy(() ->
              database.run(tx -> {
                tx.execute("INSERT INTO thing VALUES (1)");
                throw new IllegalStateException("stop");
              }))
          .hasMessage("stop");

      int count =
          database.read(
              tx -> tx.createQuery("SELECT count(*) FROM thing").mapTo(Integer.class).one());
      assertThat(count).isZero();
    }
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsNamedAsSuch() {
    var nobody = new DatabaseUrl("jdbc:postgresql://127.0.0.1:1/none", "postgres", "");
    try (var database = Database.connect(nobody)) {
      assertThatThrownBy(() -> database.read(tx -> tx.execute("SELECT 1")))
          .isInstanceOfSatisfying(
              FairwayException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE));
      assertThat(database.reachable()).isFalse();
    }
  }

  @Test
  void readsTheUrlFormOfLibpq() {
    var url =
        DatabaseUrl.parse("postgresql://ada:s%40fe+1@db.example:5433/fairway?sslmode=require");

    assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db.example:5433/fairway?sslmode=require");
    assertThat(url.user()).isEqualTo("ada");
    assertThat(url.password()).isEqualTo("s@fe+1");
    assertThat(url.toString()).doesNotContain("s@fe");
  }

  @Test
  void refusesAnotherKindOfUrl() {
    assertThatThrownBy(() -> DatabaseUrl.parse("jdbc:mysql://host/db"))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("cannot be read");
  }
}
