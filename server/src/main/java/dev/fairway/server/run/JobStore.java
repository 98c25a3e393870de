package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The table `job`, as the decisions about a run write it; [Queue] and [Leases] write the rest.
final class JobStore {
  private static final Pattern URL = Pattern.compile("https?://[^\\s\\p{Cntrl}]{1,2000}");

  private JobStore() {}

  /// The attempts that count, in the order of the file.
  static List<JobRun> current(Handle tx, UUID runId) {
    return tx.createQuery(
            """
            SELECT * FROM job WHERE run_id = :run AND current
            ORDER BY position, job_key, matrix_index
            """)
        .bind("run", runId)
        .map((row, _) -> JobRun.map(row))
        .list();
  }

  /// Every attempt of every job, in the order of the file, the latest attempt first.
  static List<JobRun> all(Handle tx, UUID runId) {
    return tx.createQuery(
            """
            SELECT * FROM job WHERE run_id = :run
            ORDER BY position, job_key, matrix_index, attempt DESC
            """)
        .bind("run", runId)
        .map((row, _) -> JobRun.map(row))
        .list();
  }

  static Optional<JobRun> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM job WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> JobRun.map(row))
        .findOne();
  }

  static JobRun lock(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM job WHERE id = :id FOR NO KEY UPDATE")
        .bind("id", id)
        .map((row, _) -> JobRun.map(row))
        .one();
  }

  /// The highest attempt of that instance so far, 0 for none.
  static int lastAttempt(Handle tx, UUID runId, String key, int index) {
    return tx.createQuery(
            """
            SELECT COALESCE(max(attempt), 0) FROM job
            WHERE run_id = :run AND job_key = :key AND matrix_index = :index
            """)
        .bind("run", runId)
        .bind("key", key)
        .bind("index", index)
        .mapTo(Integer.class)
        .one();
  }

  /// A job that has not been decided yet.
  static void insertWaiting(
      Handle tx, UUID id, Run run, NewJob job, int attempt, String reason, Instant at) {
    tx.createUpdate(
            """
            INSERT INTO job (id, run_id, project_id, job_key, matrix_index, attempt, current,
                             position, name, needs, phase, reason, lost_before, debug,
                             created_at)
            VALUES (:id, :run, :project, :key, :index, :attempt, true, :position, :name, :needs,
                    'waiting', :reason, :lostBefore, :debug, :at)
            """)
        .bind("id", id)
        .bind("run", run.id())
        .bind("project", run.projectId())
        .bind("key", job.key())
        .bind("index", job.index())
        .bind("attempt", attempt)
        .bind("position", job.position())
        .bind("name", RunLimits.cut(job.name(), RunLimits.MAX_NAME_CHARS))
        .bindArray("needs", String.class, job.needs())
        .bind("reason", reason)
        .bind("lostBefore", job.lostBefore())
        .bind("debug", job.debug())
        .bind("at", at)
        .execute();
  }

  /// @param position its place in the file
  /// @param lostBefore whether it replaces an attempt whose agent was lost
  /// @param debug whether it writes down more than usual
  record NewJob(
      String key,
      int index,
      int position,
      String name,
      List<String> needs,
      boolean lostBefore,
      boolean debug) {}

  /// What the planner decided about an instance.
  ///
  /// @param contexts JSON
  /// @param workflowFile the called workflow in which it stands; null for the run's own
  /// @param secretsPath see [dev.fairway.workflow.SecretsPath]
  /// @param permissions levels by scope, as JSON
  /// @param environment null where it names none
  record Decided(
      String name,
      List<String> labels,
      String contexts,
      boolean network,
      boolean retrySafe,
      boolean continueOnError,
      long timeoutSeconds,
      @Nullable String workflowFile,
      String secretsPath,
      @Nullable String permissions,
      @Nullable String environment) {}

  static void decided(Handle tx, UUID id, Decided decided, String reason) {
    tx.createUpdate(
            """
            UPDATE job
            SET name = :name, labels = :labels, contexts = CAST(:contexts AS json),
                network = :network, retry_safe = :retrySafe, continue_on_error = :continueOnError,
                timeout_seconds = :timeout, reason = :reason, workflow_file = :workflowFile,
                secrets_path = CAST(:secretsPath AS json),
                permissions = CAST(:permissions AS json), environment = :environment
            WHERE id = :id
            """)
        .bind("id", id)
        .bind("name", decided.name())
        .bind("workflowFile", decided.workflowFile())
        .bind("secretsPath", decided.secretsPath())
        .bind("permissions", decided.permissions())
        .bind("environment", decided.environment())
        .bindArray("labels", String.class, decided.labels())
        .bind("contexts", decided.contexts())
        .bind("network", decided.network())
        .bind("retrySafe", decided.retrySafe())
        .bind("continueOnError", decided.continueOnError())
        .bind("timeout", decided.timeoutSeconds())
        .bind("reason", reason)
        .execute();
  }

  static void ended(
      Handle tx, UUID id, Outcome outcome, String reason, String outputs, Instant at) {
    tx.createUpdate(
            """
            UPDATE job
            SET phase = 'ended', outcome = :outcome, reason = :reason,
                outputs = CAST(:outputs AS json), ended_at = :at, lease_until = NULL,
                token_hash = NULL
            WHERE id = :id
            """)
        .bind("id", id)
        .bind("outcome", outcome.word())
        .bind("reason", reason)
        .bind("outputs", outputs)
        .bind("at", at)
        .execute();
  }

  static void named(Handle tx, UUID id, String name) {
    tx.createUpdate("UPDATE job SET name = :name WHERE id = :id")
        .bind("id", id)
        .bind("name", name)
        .execute();
  }

  static void askToCancel(Handle tx, UUID id, String reason, Instant at) {
    tx.createUpdate(
            """
            UPDATE job SET cancel_reason = :reason, cancel_asked_at = :at
            WHERE id = :id AND cancel_reason IS NULL
            """)
        .bind("id", id)
        .bind("reason", reason)
        .bind("at", at)
        .execute();
  }

  /// Where people find what the job brought to its environment. An address that a browser would run
  /// as a script is none.
  static void environmentUrl(Handle tx, UUID id, @Nullable String url) {
    if (url != null && URL.matcher(url).matches()) {
      tx.createUpdate("UPDATE job SET environment_url = :url WHERE id = :id")
          .bind("url", url)
          .bind("id", id)
          .execute();
    }
  }

  /// What has not begun writes down more than usual once it does.
  static void debug(Handle tx, UUID id) {
    tx.createUpdate("UPDATE job SET debug = true WHERE id = :id").bind("id", id).execute();
  }

  /// The attempt no longer counts; it stays for the record.
  static void supersede(Handle tx, UUID id) {
    tx.createUpdate("UPDATE job SET current = false WHERE id = :id").bind("id", id).execute();
  }

  /// Removes a call that is not decided: the jobs that it brings in take its place.
  static void dropUndecided(Handle tx, UUID runId, String job) {
    tx.createUpdate(
            """
            DELETE FROM job
            WHERE run_id = :run AND current AND phase = 'waiting' AND job_key = :job
            """)
        .bind("run", runId)
        .bind("job", job)
        .execute();
  }

  /// Removes what is not decided below an instance of a call that ended as a whole.
  ///
  /// @param scope such as `deploy#2/`
  static void dropBelow(Handle tx, UUID runId, String scope) {
    tx.createUpdate(
            """
            DELETE FROM job
            WHERE run_id = :run AND current AND phase = 'waiting'
              AND starts_with(job_key, :scope)
            """)
        .bind("run", runId)
        .bind("scope", scope)
        .execute();
  }

  /// Removes what a re-run expected and the workflow did not come to, such as a place of a matrix
  /// that got smaller.
  static void dropUndecided(Handle tx, UUID runId) {
    tx.createUpdate("DELETE FROM job WHERE run_id = :run AND current AND phase = 'waiting'")
        .bind("run", runId)
        .execute();
  }
}
