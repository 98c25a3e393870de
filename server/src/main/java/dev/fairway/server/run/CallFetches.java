package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// The table `run_fetch`: runs that were made and have no jobs yet, because workflows that they
/// call stand in other repositories and have to be fetched.
///
/// No transaction is open while they are. Runs of one workflow go on in the order of their numbers,
/// so that an older one never takes a concurrency group from a newer one.
final class CallFetches {
  /// Notified when something is to be fetched.
  static final String CHANNEL = "run_fetch";

  /// What such a run waits for, as a sentence without its subject.
  static final String REASON = "waits for the workflows that it calls to be fetched";

  private CallFetches() {}

  static void add(Handle tx, Run run) {
    tx.createUpdate(
            """
            INSERT INTO run_fetch (run_id, project_id, workflow_path, number, try_at)
            VALUES (:run, :project, :path, :number, :at)
            """)
        .bind("run", run.id())
        .bind("project", run.projectId())
        .bind("path", run.workflowPath())
        .bind("number", run.number())
        .bind("at", run.createdAt())
        .execute();
    Database.notify(tx, CHANNEL, "");
  }

  /// Whether the run has still to be given its jobs.
  static boolean pending(Handle tx, UUID run) {
    return tx.createQuery("SELECT EXISTS (SELECT FROM run_fetch WHERE run_id = :run)")
        .bind("run", run)
        .mapTo(Boolean.class)
        .one();
  }

  /// Whether an earlier run of that workflow has still to be given its jobs.
  static boolean pending(Handle tx, UUID project, String path) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT FROM run_fetch WHERE project_id = :project AND workflow_path = :path
            )
            """)
        .bind("project", project)
        .bind("path", path)
        .mapTo(Boolean.class)
        .one();
  }

  /// Takes the next run that no server is at.
  ///
  /// @param until when another server may take it, should this one be gone
  static Optional<UUID> take(Handle tx, Instant now, Instant until) {
    return tx.createQuery(
            """
            UPDATE run_fetch SET try_at = :until
            WHERE run_id = (
              SELECT run_id FROM run_fetch AS next
              WHERE try_at <= :now AND NOT EXISTS (
                SELECT FROM run_fetch AS earlier
                WHERE earlier.project_id = next.project_id
                  AND earlier.workflow_path = next.workflow_path
                  AND earlier.number < next.number
              )
              ORDER BY try_at, run_id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING run_id
            """)
        .bind("now", now)
        .bind("until", until)
        .mapTo(UUID.class)
        .findOne();
  }

  /// With the transaction it is done; the next run of the workflow may go on.
  ///
  /// @return whether it was still to be done
  static boolean done(Handle tx, UUID run) {
    Database.notify(tx, CHANNEL, "");
    return tx.createUpdate("DELETE FROM run_fetch WHERE run_id = :run").bind("run", run).execute()
        == 1;
  }
}
