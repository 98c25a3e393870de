package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.api.TimeLimit;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the leases of agents that are gone, and the jobs that do not end by themselves.
///
/// Every server runs one; they may tick at the same time. A gap between ticks of the installation
/// means that the servers or the database were away, and that agents could not reach us: then every
/// lease starts anew, so that a restart of ours costs no job its life.
final class LeaseTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseTimer.class);
  private static final int MAX_JOBS_OF_A_TICK = 200;

  private final Database database;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final CrashObserver witness;
  private final CountDownLatch closed = new CountDownLatch(1);

  LeaseTimer(Database database, Scheduler scheduler, InstantSource clock, CrashObserver witness) {
    this.database = database;
    this.scheduler = scheduler;
    this.clock = clock;
    this.witness = witness;
  }

  void start() {
    Thread.ofVirtual().name("leases").start(this::loop);
  }

  private void loop() {
    try {
      do {
        try {
          tick();
        } catch (RuntimeException e) {
          LOG.warn("Could not look at all leases: {}", e.getMessage());
        }
      } while (!closed.await(RunLimits.LEASE_TICK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Looks once.
  void tick() {
    database.run(this::forgiveOurAbsence);
    RuntimeException failure = null;
    for (var overdue : database.read(this::overdue)) {
      witness.reached(CrashPoint.EXPIRED_BEFORE_DECISION);
      try {
        database.run(tx -> decide(tx, overdue));
      } catch (RuntimeException e) {
        // One run that cannot be decided must not keep the leases of all others alive.
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void forgiveOurAbsence(Handle tx) {
    var now = clock.instant();
    tx.createUpdate(
            "INSERT INTO lease_timer (ticked_at) VALUES (:now) ON CONFLICT (single) DO NOTHING")
        .bind("now", now)
        .execute();
    var last =
        tx.createQuery("SELECT ticked_at FROM lease_timer FOR UPDATE")
            .mapTo(OffsetDateTime.class)
            .one()
            .toInstant();
    if (Duration.between(last, now).compareTo(RunLimits.AWAY) > 0) {
      tx.createUpdate(
              """
              UPDATE job SET lease_until = :until
              WHERE phase IN ('claimed', 'running') AND lease_until < :until
              """)
          .bind("until", now.plus(RunLimits.LEASE))
          .execute();
      LOG.info("Nobody looked at the leases since {}: they start anew", last);
    }
    if (now.isAfter(last)) {
      tx.createUpdate("UPDATE lease_timer SET ticked_at = :now").bind("now", now).execute();
    }
  }

  private record Overdue(UUID run, UUID job) {}

  private List<Overdue> overdue(Handle tx) {
    return tx.createQuery(
            """
            SELECT run_id, id FROM job
            WHERE phase IN ('claimed', 'running')
              AND (lease_until < :now
                   OR cancel_asked_at < :stopped
                   OR started_at + timeout_seconds * interval '1 second' < :stopped)
            ORDER BY lease_until LIMIT :limit
            """)
        .bind("now", clock.instant())
        .bind("stopped", clock.instant().minus(RunLimits.STOP_GRACE))
        .bind("limit", MAX_JOBS_OF_A_TICK)
        .map((row, _) -> new Overdue(Columns.id(row, "run_id"), Columns.id(row, "id")))
        .list();
  }

  /// Looks again under the locks: the agent may have come back in between.
  private void decide(Handle tx, Overdue overdue) {
    var run = RunStore.lock(tx, overdue.run());
    var job = JobStore.lock(tx, overdue.job());
    var now = clock.instant();
    if (!job.phase().leased()) {
      return;
    }
    if (before(job.leaseUntil(), now)) {
      expire(tx, run, job);
    } else if (before(job.cancelAskedAt(), now.minus(RunLimits.STOP_GRACE))) {
      var reason = job.cancelReason() + " The agent did not stop it in time.";
      scheduler.endJob(tx, run, job, Outcome.CANCELLED, reason, "{}");
    } else if (before(
        job.startedAt(), now.minus(RunLimits.STOP_GRACE).minusSeconds(job.timeoutSeconds()))) {
      var reason = "It took longer than its " + TimeLimit.ofSeconds(job.timeoutSeconds()) + ".";
      scheduler.endJob(tx, run, job, Outcome.TIMED_OUT, reason, "{}");
    } else {
      return;
    }
    scheduler.advance(tx, RunStore.lock(tx, run.id()));
  }

  private void expire(Handle tx, Run run, JobRun job) {
    var asked = job.cancelReason();
    if (asked != null) {
      scheduler.endJob(tx, run, job, Outcome.CANCELLED, asked, "{}");
    } else if (job.phase() == JobPhase.CLAIMED && job.fence() < RunLimits.MAX_CLAIMS) {
      Queue.putBack(tx, job.id());
    } else {
      var reason = "agent %s gone: no heartbeat since %s".formatted(job.agent(), job.heartbeatAt());
      scheduler.endJob(tx, run, job, Outcome.ERROR, reason, "{}");
      if (job.retrySafe() && !job.lostBefore() && run.cancelledBy() == null) {
        scheduler.replace(tx, run, job);
      }
    }
  }

  private static boolean before(@Nullable Instant at, Instant limit) {
    return at != null && at.isBefore(limit);
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
