package dev.fairway.server.evidence;

import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands entries to one subscriber, in order, each once: effect and cursor are one transaction.
///
/// Where several servers run, the lock on the cursor's row lets one at a time read on.
final class Subscription implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  /// A missed notification delays a subscriber by this much at most.
  private static final Duration POLL = Duration.ofSeconds(2);

  /// After a failure the same entry is tried again, at most this often.
  private static final Duration RETRY = Duration.ofSeconds(1);

  private enum Step {
    /// An entry was handed over; there may be more.
    DELIVERED,
    /// Nothing to read, or another server reads.
    IDLE
  }

  private final Database database;
  private final Subscriber subscriber;
  private final CrashObserver watcher;
  private final List<String> types;
  private final Wakeup wakeup = new Wakeup();
  private volatile boolean closed;

  Subscription(Database database, Subscriber subscriber, CrashObserver watcher) {
    this.database = database;
    this.subscriber = subscriber;
    this.watcher = watcher;
    this.types = subscriber.types().stream().map(PredicateType::uri).toList();
  }

  void start() {
    database.listen(Sequencer.SEQUENCED, this::hear);
    Thread.ofVirtual().name("subscriber-" + subscriber.name()).start(this::loop);
  }

  /// Most entries are for others, and cost this one nothing.
  private void hear(String sequenced) {
    if (sequenced.isEmpty() || Stream.of(sequenced.split(",")).anyMatch(types::contains)) {
      wakeup.signal();
    }
  }

  private void loop() {
    while (!closed) {
      try {
        if (!deliverNext()) {
          wakeup.await(POLL);
        }
      } catch (InterruptedException stop) {
        return;
      } catch (RuntimeException failure) {
        if (!closed) {
          LOG.error("Subscriber {} failed; trying the entry again", subscriber.name(), failure);
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      wakeup.await(RETRY);
    } catch (InterruptedException stop) {
      closed = true;
    }
  }

  /// Hands over the next entry.
  ///
  /// @return whether there was one
  boolean deliverNext() {
    if (subscriber.prepares()) {
      database.read(this::peek).ifPresent(subscriber::prepare);
    }
    return database.transaction(this::step) == Step.DELIVERED;
  }

  /// The entry that is next as long as no other server takes it.
  private Optional<LedgerEntry> peek(Handle tx) {
    var cursor =
        tx.createQuery("SELECT next FROM ledger_cursor WHERE name = :name")
            .bind("name", subscriber.name())
            .mapTo(Long.class)
            .findOne()
            .orElse(0L);
    return Entries.next(tx, cursor, Entries.size(tx), types);
  }

  private Step step(Handle tx) {
    tx.createUpdate(
            "INSERT INTO ledger_cursor (name, next) VALUES (:name, 0) ON CONFLICT DO NOTHING")
        .bind("name", subscriber.name())
        .execute();
    var cursor =
        tx.createQuery("SELECT next FROM ledger_cursor WHERE name = :name FOR UPDATE SKIP LOCKED")
            .bind("name", subscriber.name())
            .mapTo(Long.class)
            .findOne();
    if (cursor.isEmpty()) {
      return Step.IDLE;
    }
    var size = Entries.size(tx);
    var found = Entries.next(tx, cursor.get(), size, types);
    if (found.isEmpty()) {
      // What is not for this subscriber need not be looked through again.
      if (size > cursor.get()) {
        move(tx, size);
      }
      return Step.IDLE;
    }
    subscriber.on(tx, found.get());
    watcher.reached(CrashPoint.EFFECT_BEFORE_CURSOR);
    move(tx, found.get().index() + 1);
    return Step.DELIVERED;
  }

  /// Whether the subscriber has still to see that entry.
  boolean awaits(Handle tx, LedgerEntry entry) {
    return subscriber.types().contains(entry.type())
        && tx.createQuery("SELECT next FROM ledger_cursor WHERE name = :name")
            .bind("name", subscriber.name())
            .mapTo(Long.class)
            .findOne()
            .map(next -> next <= entry.index())
            .orElse(true);
  }

  private void move(Handle tx, long next) {
    tx.createUpdate("UPDATE ledger_cursor SET next = :next WHERE name = :name")
        .bind("next", next)
        .bind("name", subscriber.name())
        .execute();
  }

  @Override
  public void close() {
    closed = true;
    wakeup.signal();
  }

  /// How far each subscriber is behind, in entries.
  record Lag(String name, long entries) {
    static List<Lag> all(Handle tx) {
      return tx.createQuery(
              """
              SELECT name, greatest(0, (SELECT max(size) FROM ledger_checkpoint) - next) AS entries
                FROM ledger_cursor
               ORDER BY name
              """)
          .map((row, _) -> new Lag(row.getString("name"), row.getLong("entries")))
          .list();
    }
  }
}
