package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfCheckTest {
  private static final LedgerKeys KEYS =
      LedgerKeys.generate("ledger.example.test/fairway", new SecureRandom());
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-22T14:02:11Z"));

  private TestDatabase test;
  private Database database;

  @BeforeEach
  void writesALogOfThree() {
    test = TestDatabase.create();
    database = test.database();
    database.run(tx -> Log.open(new PostgresTileStore(tx, CLOCK.instant()), KEYS));
    var evidence = new Evidence(CLOCK);
    database.run(tx -> {
      for (int i = 0; i < 3; i++) {
        evidence.record(tx, SequencerTest.push(i));
      }
    });
    try (var sequencer = new Sequencer(database, KEYS, CLOCK, CrashObserver.NONE)) {
      sequencer.sequence();
    }
  }

  @AfterEach
  void closesIt() {
    test.close();
  }

  @Test
  void sealsWhatIsIntact() {
    try (var check = new SelfCheck(database, new LedgerReader(database, KEYS, CLOCK))) {
      assertThat(check.check()).isTrue();

      var seal = database.read(check::seal).orElseThrow();
      assertThat(seal.entries()).isEqualTo(3);
      assertThat(seal.checkpointAt()).isEqualTo(CLOCK.instant());
      assertThat(seal.intact()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "payload = set_byte(payload, 300, 33)",
        "predicate = '{\"number\": 7}'",
        "subjects = '[{\"name\": \"payments\", \"algorithm\": \"gitCommit\", \"digest\": \"00\"}]'",
        "about = ARRAY['commit:other']",
        "actor = 'mia'",
        "recorded_at = recorded_at + interval '1 day'",
        "payload = NULL, erasure = (SELECT id FROM ledger_entry WHERE index = 2)"
      })
  void breaksTheSealWhenWhatIsStoredOfAnEntryIsNotWhatWasSigned(String change) {
    database.run(tx -> tx.execute("UPDATE ledger_entry SET " + change + " WHERE index = 1"));
    try (var check = new SelfCheck(database, new LedgerReader(database, KEYS, CLOCK))) {
      assertThat(check.check()).isFalse();
    }
  }

  @Test
  void breaksTheSealWhenAnEntryWasChanged() {
    database.run(tx ->
        tx.execute(
            """
            UPDATE ledger_entry SET leaf = set_byte(leaf, 40, 1 + get_byte(leaf, 40) % 100)
            WHERE index = 1
            """));
    try (var check = new SelfCheck(database, new LedgerReader(database, KEYS, CLOCK))) {
      assertThat(check.check()).isFalse();
      assertThat(database.read(check::seal).orElseThrow().intact()).isFalse();
    }
  }
}
