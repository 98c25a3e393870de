package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.TestDatabase;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequencerTest {
  private static final LedgerKeys KEYS =
      LedgerKeys.generate("ledger.example.test/fairway", new SecureRandom());
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-22T14:02:11.123456Z"));
  private static final String SHA = "9f3c1ab0".repeat(5);

  private final Evidence evidence = new Evidence(CLOCK);
  private TestDatabase test;
  private Database database;

  @BeforeEach
  void opensADatabase() {
    test = TestDatabase.create();
    database = test.database();
    database.run(tx -> Log.open(new PostgresTileStore(tx, CLOCK.instant()), KEYS));
  }

  @AfterEach
  void closesIt() {
    test.close();
  }

  static Statement push(int number) {
    return new Statement(
        PredicateType.PUSH,
        List.of(Subject.commit("payments", SHA)),
        Map.of("number", number),
        Set.of("commit:" + SHA, "project:p1"),
        "ada");
  }

  private void record(int from, int to) {
    database.run(tx -> {
      for (int i = from; i < to; i++) {
        evidence.record(tx, push(i));
      }
    });
  }

  private Sequencer sequencer() {
    return new Sequencer(database, KEYS, CLOCK, CrashObserver.NONE);
  }

  private List<Long> indices() {
    return database.read(tx ->
        tx.createQuery("SELECT index FROM ledger_entry ORDER BY index").mapTo(Long.class).list());
  }

  private Verdict<?> audit() {
    return database.read(
        tx -> LogAudit.verify(new PostgresTileStore(tx, CLOCK.instant()), KEYS.trusted()));
  }

  @Test
  void givesEveryEntryAnIndexWithoutGapsInOneVerifiableLog() {
    record(0, 700);
    try (var sequencer = sequencer()) {
      assertThat(sequencer.sequence()).isEqualTo(Sequencer.MAX_BATCH);
      assertThat(sequencer.sequence()).isEqualTo(700 - Sequencer.MAX_BATCH);
      assertThat(sequencer.sequence()).isZero();
    }
    assertThat(indices()).isEqualTo(LongStream.range(0, 700).boxed().toList());
    assertThat(audit()).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void itsEndWaitsForTheBatchThatIsOnItsWay() throws Exception {
    record(0, 100);
    var begun = new CountDownLatch(1);
    try (var sequencer = new Sequencer(database, KEYS, CLOCK, _ -> begun.countDown())) {
      sequencer.start();
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(indices()).isEqualTo(LongStream.range(0, 100).boxed().toList());
  }

  @Test
  void recordsNothingWhenTheStateChangeIsRolledBack() {
    assertThatThrownBy(() ->
            database.run(tx -> {
              evidence.record(tx, push(1));
              throw new IllegalStateException("refused");
            }))
        .hasMessage("refused");
    try (var sequencer = sequencer()) {
      assertThat(sequencer.sequence()).isZero();
    }
  }

  @Test
  void refusesToRecordWhatCouldNeverBeSigned() {
    var list =
        new Statement(
            PredicateType.PUSH, List.of(Subject.commit("p", SHA)), List.of(1), Set.of(), "ada");
    assertThatThrownBy(() -> database.run(tx -> evidence.record(tx, list)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("JSON object");
  }

  @Test
  void letsOnlyOneOfManySequencersWorkAtATime() throws Exception {
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var servers = new ArrayList<Future<Integer>>();
      for (int server = 0; server < 4; server++) {
        int first = server * 50;
        servers.add(pool.submit(() -> recordAndSequence(first)));
      }
      for (var server : servers) {
        assertThat(server.get()).isEqualTo(50);
      }
    }
    try (var sequencer = sequencer()) {
      sequencer.sequence();
    }
    assertThat(indices()).isEqualTo(LongStream.range(0, 200).boxed().toList());
    assertThat(audit()).isInstanceOf(Verdict.Verified.class);
  }

  private int recordAndSequence(int first) {
    try (var sequencer = sequencer()) {
      for (int i = 0; i < 50; i++) {
        record(first + i, first + i + 1);
        sequencer.sequence();
      }
      return 50;
    }
  }

  @Test
  void handsEachEntryToASubscriberOnceAndInOrderThoughItFailsInBetween() {
    record(0, 20);
    try (var sequencer = sequencer()) {
      sequencer.sequence();
    }
    var subscriber = new Collector(5);
    try (var subscription = new Subscription(database, subscriber, CrashObserver.NONE)) {
      for (int i = 0; i < 5; i++) {
        assertThat(subscription.deliverNext()).isTrue();
      }
      assertThatThrownBy(subscription::deliverNext).hasMessage("once");
      while (subscription.deliverNext()) {
        assertThat(subscriber.seen).isNotEmpty();
      }
    }
    assertThat(subscriber.seen).isEqualTo(LongStream.range(0, 20).boxed().toList());
    database.run(
        tx -> assertThat(Subscription.Lag.all(tx)).contains(new Subscription.Lag("collector", 0)));
  }

  @Test
  void wakesSequencerAndSubscribersWithoutPolling(@TempDir Path folder) throws Exception {
    var arrived = new CountDownLatch(1);
    var keys = EvidenceModule.keys(folder.resolve("keys"), new SecureRandom());
    try (var other = TestDatabase.create();
        var module = EvidenceModule.create(other.database(), keys, CLOCK)) {
      module.start(
          List.of(
              new Subscriber() {
                @Override
                public String name() {
                  return "latch";
                }

                @Override
                public Set<PredicateType> types() {
                  return Set.of(PredicateType.PUSH);
                }

                @Override
                public void on(Handle tx, LedgerEntry entry) {
                  arrived.countDown();
                }
              }));
      other.database().run(tx -> module.evidence().record(tx, push(1)));
      assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static final class Collector implements Subscriber {
    private final List<Long> seen = new ArrayList<>();
    private final long failsOnceAt;
    private boolean failed;

    Collector(long failsOnceAt) {
      this.failsOnceAt = failsOnceAt;
    }

    @Override
    public String name() {
      return "collector";
    }

    @Override
    public Set<PredicateType> types() {
      return Set.of(PredicateType.PUSH, PredicateType.RUN);
    }

    @Override
    public void on(Handle tx, LedgerEntry entry) {
      if (entry.index() == failsOnceAt && !failed) {
        failed = true;
        throw new IllegalStateException("once");
      }
      seen.add(entry.index());
    }
  }
}
