package dev.fairway.server.evidence;

import dev.fairway.ledger.Checkpoint;
import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.Database;
import dev.fairway.server.web.SealSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Computes the whole tree again from its entries every few minutes, compares what is stored of
/// each entry with its leaf, and tells every page whether it still is what the newest checkpoint
/// says.
final class SelfCheck implements SealSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);

  private static final Duration PERIOD = Duration.ofMinutes(5);

  private final Database database;
  private final LedgerReader reader;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean intact = true;

  SelfCheck(Database database, LedgerReader reader) {
    this.database = database;
    this.reader = reader;
  }

  void start() {
    Thread.ofVirtual().name("ledger-self-check").start(this::loop);
  }

  /// Checks now.
  boolean check() {
    var flaw = database.read(this::firstFlaw);
    flaw.ifPresent(what -> LOG.error("The ledger is not what its checkpoint says: {}", what));
    intact = flaw.isEmpty();
    return intact;
  }

  private Optional<String> firstFlaw(Handle tx) {
    return switch (LogAudit.verify(reader.tiles(tx), reader.trustedKeys())) {
      case Verdict.Refused<Checkpoint> refused -> Optional.of(refused.message());
      case Verdict.Verified<Checkpoint>(var checkpoint) ->
          new PayloadCheck(tx, reader).firstFlaw(checkpoint.size());
    };
  }

  @Override
  public Optional<Seal> seal(Handle tx) {
    return tx.createQuery(
            "SELECT size, signed_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
        .map((row, _) ->
            new Seal(row.getLong("size"), row.getTimestamp("signed_at").toInstant(), intact))
        .findOne();
  }

  private void loop() {
    try {
      do {
        try {
          check();
        } catch (RuntimeException e) {
          LOG.warn("The ledger could not be checked: {}", e.getMessage());
        }
      } while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
