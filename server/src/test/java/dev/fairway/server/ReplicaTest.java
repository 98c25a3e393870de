package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.DatabaseUrl;
import dev.fairway.server.db.Replica;
import dev.fairway.server.db.TestDatabase;
import dev.fairway.server.http.Ingress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Servers that share a database and a data folder.
final class ReplicaTest {
  @TempDir Path folder;

  private ServerOptions options(DatabaseUrl database, boolean replica) {
    return new ServerOptions(
        folder.resolve("data"),
        "127.0.0.1",
        0,
        Ingress.STRAIGHT,
        Optional.of(database),
        folder.resolve("proxy"),
        Optional.empty(),
        replica);
  }

  @Test
  void aReplicaSharesTheDataFolderThatAnotherServerHolds() {
    try (var database = TestDatabase.create();
        var first = FairwayServer.start(options(database.url(), false))) {
      try (var replica = FairwayServer.start(options(database.url(), true))) {
        // The link that the one made is worth as much at the other.
        assertThat(replica.setupLink()).isPresent();
        assertThat(first.setupLink()).isPresent();
        assertThat(living(database)).isEqualTo(2);
      }
    }
  }

  private static int living(TestDatabase database) {
    return database
        .database()
        .read(tx ->
            tx.createQuery("SELECT id FROM replica").mapTo(UUID.class).list().stream()
                .filter(id -> Replica.isAlive(tx, id))
                .toList()
                .size());
  }

  @Test
  void aNewHolderOfTheDataFolderKnowsThatTheFormerIsDead() {
    try (var database = TestDatabase.create()) {
      FairwayServer.start(options(database.url(), false)).close();
      try (var _ = FairwayServer.start(options(database.url(), false))) {
        assertThat(living(database)).isEqualTo(1);
      }
    }
  }

  @Test
  void aReplicaWithoutTheDatabaseOfTheOthersIsRefused() {
    assertThatThrownBy(() ->
            new ServerOptions(
                folder,
                "127.0.0.1",
                0,
                Ingress.STRAIGHT,
                Optional.empty(),
                folder,
                Optional.empty(),
                true))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
              assertThat(e.next()).contains("FAIRWAY_DATABASE_URL");
            });
  }

  @Test
  void aClockThatIsWrongIsNoticed() {
    try (var database = TestDatabase.create()) {
      var late = InstantSource.offset(InstantSource.system(), Duration.ofSeconds(-30));
      database
          .database()
          .run(tx -> {
            assertThat(Replica.isTooFar(Replica.skew(tx, InstantSource.system()))).isFalse();
            assertThat(Replica.isTooFar(Replica.skew(tx, late))).isTrue();
          });
    }
  }

  @Test
  void whoIsCutOffInTheMiddleOfATransactionKeepsItsLocksForABoundedTime() {
    try (var database = TestDatabase.create();
        var _ = FairwayServer.start(options(database.url(), false))) {
      var bound =
          database
              .database()
              .read(tx ->
                  tx.createQuery("SHOW idle_in_transaction_session_timeout")
                      .mapTo(String.class)
                      .one());
      assertThat(bound).isEqualTo("20s");
    }
  }
}
