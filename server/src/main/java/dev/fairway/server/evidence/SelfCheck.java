package dev.fairway.server.evidence;

import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.TrustedKeys;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.Database;
import dev.fairway.server.web.SealSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Computes the whole tree again from its entries every few minutes, and tells every page whether
/// it still is what the newest checkpoint says.
final class SelfCheck implements SealSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);

  private static final Duration PERIOD = Duration.ofMinutes(5);

  private final Database database;
  private final TrustedKeys keys;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean intact = true;

  SelfCheck(Database database, TrustedKeys keys, InstantSource clock) {
    this.database = database;
    this.keys = keys;
    this.clock = clock;
  }

  void start() {
    Thread.ofVirtual().name("ledger-self-check").start(this::loop);
  }

  /// Checks now.
  boolean check() {
    intact =
        database.read(tx ->
            switch (LogAudit.verify(new PostgresTileStore(tx, clock.instant()), keys)) {
              case Verdict.Verified<?> _ -> true;
              case Verdict.Refused<?> refused -> {
                LOG.error("The ledger is not what its checkpoint says: {}", refused.message());
                yield false;
              }
            });
    return intact;
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
