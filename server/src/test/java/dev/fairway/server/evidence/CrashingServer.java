package dev.fairway.server.evidence;

import dev.fairway.ledger.LedgerKeys;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.DatabaseUrl;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/// A process that records, sequences and delivers, and dies without a word where it is told to.
final class CrashingServer {
  static final int ENTRIES = 40;
  static final String ORIGIN = "ledger.example.test/crash";

  private CrashingServer() {}

  /// @param arguments JDBC URL, folder of the keys, name of the [CrashPoint]
  public static void main(String... arguments) {
    var fatal = CrashPoint.valueOf(arguments[2]);
    CrashObserver watcher =
        point -> {
          if (point == fatal) {
            Runtime.getRuntime().halt(137);
          }
        };
    try (var database = Database.open(new DatabaseUrl(arguments[0], "postgres", ""))) {
      var keys = LedgerKeys.openOrCreate(Path.of(arguments[1]), ORIGIN, new SecureRandom());
      var evidence = new Evidence(InstantSource.system());
      database.run(tx -> {
        for (int i = 0; i < ENTRIES; i++) {
          evidence.record(tx, SequencerTest.push(i));
        }
      });
      try (var sequencer = new Sequencer(database, keys, InstantSource.system(), watcher);
          var subscription = new Subscription(database, new Ledgered(), watcher)) {
        sequencer.sequence();
        while (subscription.deliverNext()) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /// Writes down each entry that it sees; a second time would break the primary key.
  static final class Ledgered implements Subscriber {
    @Override
    public String name() {
      return "ledgered";
    }

    @Override
    public Set<PredicateType> types() {
      return Set.of(PredicateType.PUSH);
    }

    @Override
    public void on(Handle tx, LedgerEntry entry) {
      tx.execute(
          "INSERT INTO effect (number) VALUES (?)", entry.predicate().path("number").asInt());
    }
  }
}
