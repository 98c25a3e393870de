package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides again about runs that were woken because something happened elsewhere. Every server does
/// so; the lock of a run's row lets one at a time decide about it, and the second finds nothing to
/// do.
final class Wakeups implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wakeups.class);

  /// How often it looks by itself, should a notification have been lost.
  private static final Duration POLL = Duration.ofSeconds(2);

  private static final int MAX_RUNS_OF_A_LOOK = 100;

  private final Database database;
  private final Scheduler scheduler;
  private final QueueSignal signal = new QueueSignal();

  Wakeups(Database database, Scheduler scheduler) {
    this.database = database;
    this.scheduler = scheduler;
  }

  void start() {
    database.listen(Groups.CHANNEL, _ -> signal.signal());
    Thread.ofVirtual().name("run-wakeups").start(this::loop);
  }

  private void loop() {
    var open = true;
    while (open) {
      var seen = signal.count();
      try {
        look();
      } catch (RuntimeException e) {
        LOG.warn("Could not decide about all runs that were woken: {}", e.getMessage());
      }
      open = signal.await(seen, POLL);
    }
  }

  /// Looks until nothing is left that can be decided.
  void look() {
    RuntimeException failure = null;
    for (var run : database.read(Wakeups::woken)) {
      try {
        database.run(tx -> decide(tx, run));
      } catch (RuntimeException e) {
        // One run that cannot be decided must not keep the others waiting.
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static List<UUID> woken(Handle tx) {
    return tx.createQuery(
            """
            SELECT run_id FROM run_wakeup GROUP BY run_id ORDER BY min(id) LIMIT :limit
            """)
        .bind("limit", MAX_RUNS_OF_A_LOOK)
        .mapTo(UUID.class)
        .list();
  }

  private void decide(Handle tx, UUID id) {
    var run = RunStore.lock(tx, id);
    var due =
        tx.createUpdate("DELETE FROM run_wakeup WHERE run_id = :run").bind("run", id).execute();
    if (due > 0) {
      scheduler.advance(tx, run);
    }
  }

  @Override
  public void close() {
    signal.close();
  }
}
