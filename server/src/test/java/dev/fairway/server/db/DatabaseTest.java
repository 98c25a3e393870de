package dev.fairway.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
