package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.run.report.Quarantines;
import dev.fairway.server.run.report.TestHistory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends quarantines whose time is up, and forgets executions of tests that are too old. Every
/// server does so; they may tick at the same time.
final class TestUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TestUpkeep.class);
  private static final Duration PERIOD = Duration.ofSeconds(30);

  /// The history of a test goes back so far.
  static final Duration KEPT = Duration.ofDays(180);

  private static final int FORGOTTEN_AT_ONCE = 20;

  private final Database database;
  private final Quarantines quarantines;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);

  TestUpkeep(Database database, Quarantines quarantines, InstantSource clock) {
    this.database = database;
    this.quarantines = quarantines;
    this.clock = clock;
  }

  void start() {
    Thread.ofVirtual().name("tests").start(this::loop);
  }

  private void loop() {
    try {
      do {
        try {
          tick();
        } catch (RuntimeException e) {
          LOG.warn("Could not look after the histories of tests: {}", e.getMessage());
        }
      } while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Looks once.
  void tick() {
    database.run(quarantines::endDue);
    var before = clock.instant().minus(KEPT);
    while (database.transaction(tx -> TestHistory.forget(tx, before, FORGOTTEN_AT_ONCE))
        == FORGOTTEN_AT_ONCE) {
      LOG.debug("Forgot {} batches of test executions", FORGOTTEN_AT_ONCE);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
