package dev.fairway.server.run;

import dev.fairway.api.Listing;
import dev.fairway.api.Outcome;
import dev.fairway.server.http.ListRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The table `run`.
final class RunStore {
  /// As many runs come on one page.
  static final int PAGE = 50;

  private RunStore() {}

  /// The project's next run number. Held until the transaction ends, so that the numbers have no
  /// gap.
  static long nextNumber(Handle tx, UUID projectId) {
    return tx.createQuery(
            """
            INSERT INTO run_counter (project_id, last_number) VALUES (:project, 1)
            ON CONFLICT (project_id) DO UPDATE SET last_number = run_counter.last_number + 1
            RETURNING last_number
            """)
        .bind("project", projectId)
        .mapTo(Long.class)
        .one();
  }

  static void insert(Handle tx, Run run) {
    tx.createUpdate(
            """
            INSERT INTO run (id, project_id, project, number, attempt, workflow_path, workflow_name,
                             workflow_text, title, event, ref, commit_sha, actor, contexts, phase,
                             outcome, created_at, started_at, ended_at)
            VALUES (:id, :projectId, :project, :number, :attempt, :workflowPath, :workflowName,
                    :workflowText, :title, :event, :ref, :commit, :actor,
                    CAST(:contexts AS json), :phase, :outcome, :createdAt, :startedAt, :endedAt)
            """)
        .bind("id", run.id())
        .bind("projectId", run.projectId())
        .bind("project", run.project())
        .bind("number", run.number())
        .bind("attempt", run.attempt())
        .bind("workflowPath", run.workflowPath())
        .bind("workflowName", run.workflowName())
        .bind("workflowText", RunLimits.clean(run.workflowText()))
        .bind("title", run.title())
        .bind("event", run.event())
        .bind("ref", run.ref())
        .bind("commit", run.commit())
        .bind("actor", run.actor())
        .bind("contexts", run.contexts())
        .bind("phase", run.phase().word())
        .bind("outcome", word(run.outcome()))
        .bind("createdAt", run.createdAt())
        .bind("startedAt", run.startedAt())
        .bind("endedAt", run.endedAt())
        .execute();
  }

  static Optional<Run> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM run WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> Run.map(row))
        .findOne();
  }

  static Optional<Run> find(Handle tx, String project, long number) {
    return tx.createQuery(
            """
            SELECT * FROM run WHERE project = :project AND number = :number
            ORDER BY created_at DESC LIMIT 1
            """)
        .bind("project", project)
        .bind("number", number)
        .map((row, _) -> Run.map(row))
        .findOne();
  }

  /// Takes the run's lock: who holds it decides about its jobs.
  static Run lock(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM run WHERE id = :id FOR NO KEY UPDATE")
        .bind("id", id)
        .map((row, _) -> Run.map(row))
        .one();
  }

  /// The latest runs of all projects.
  static List<Run> latest(Handle tx) {
    return list(tx, null, new ListRequest(Optional.empty(), PAGE)).items();
  }

  /// Runs of one project or of all, the latest first.
  static Listing<Run> list(Handle tx, @Nullable String project, ListRequest wanted) {
    var found =
        tx.createQuery(
                """
                SELECT * FROM run
                WHERE (CAST(:project AS text) IS NULL OR project = :project)
                  AND (CAST(:after AS uuid) IS NULL
                       OR (created_at, id) < (SELECT created_at, id FROM run WHERE id = :after))
                ORDER BY created_at DESC, id DESC
                LIMIT :limit
                """)
            .bind("project", project)
            .bind("after", wanted.afterId())
            .bind("limit", wanted.fetch())
            .map((row, _) -> Run.map(row))
            .list();
    return wanted.cut(found, Run::id);
  }

  /// The runs of a change, the latest first.
  static List<Run> ofCommit(Handle tx, UUID projectId, String commit) {
    return tx.createQuery(
            """
            SELECT * FROM run WHERE project_id = :project AND commit_sha = :commit
            ORDER BY number DESC LIMIT :limit
            """)
        .bind("project", projectId)
        .bind("commit", commit)
        .bind("limit", PAGE)
        .map((row, _) -> Run.map(row))
        .list();
  }

  /// How many runs led to it, each the event of the next.
  static int depth(Handle tx, UUID id) {
    return tx.createQuery("SELECT depth FROM run WHERE id = :id")
        .bind("id", id)
        .mapTo(Integer.class)
        .one();
  }

  static void depth(Handle tx, UUID id, int depth) {
    tx.createUpdate("UPDATE run SET depth = :depth WHERE id = :id")
        .bind("depth", depth)
        .bind("id", id)
        .execute();
  }

  /// @return whether it began now
  static boolean started(Handle tx, UUID id, Instant at) {
    return tx.createUpdate(
                """
                UPDATE run SET phase = 'running', started_at = COALESCE(started_at, :at)
                WHERE id = :id AND phase = 'queued'
                """)
            .bind("id", id)
            .bind("at", at)
            .execute()
        == 1;
  }

  static void ended(Handle tx, UUID id, Outcome outcome, Instant at) {
    tx.createUpdate(
            "UPDATE run SET phase = 'ended', outcome = :outcome, ended_at = :at WHERE id = :id")
        .bind("id", id)
        .bind("outcome", outcome.word())
        .bind("at", at)
        .execute();
  }

  static void cancel(Handle tx, UUID id, String by) {
    tx.createUpdate("UPDATE run SET cancelled_by = :by WHERE id = :id AND cancelled_by IS NULL")
        .bind("id", id)
        .bind("by", by)
        .execute();
  }

  /// Opens an ended run again for its next attempt.
  static void reopen(Handle tx, UUID id) {
    tx.createUpdate(
            """
            UPDATE run
            SET attempt = attempt + 1, phase = 'queued', outcome = NULL, cancelled_by = NULL,
                started_at = NULL, ended_at = NULL
            WHERE id = :id
            """)
        .bind("id", id)
        .execute();
  }

  static @Nullable String word(@Nullable Outcome outcome) {
    return outcome == null ? null : outcome.word();
  }
}
