package dev.fairway.server.run;

import dev.fairway.server.db.Ids;
import java.time.Instant;
import java.util.Collection;
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

  /// Locks those jobs, in the order of their ids.
  static List<JobRun> lock(Handle tx, Collection<UUID> ids) {
    return tx.createQuery(
            """
            SELECT job.* FROM unnest((SELECT CAST(:ids AS uuid[]))) AS wanted (id) JOIN job USING (id)
            ORDER BY job.id
            FOR NO KEY UPDATE OF job
            """)
        .bindArray("ids", UUID.class, List.copyOf(ids))
        .map((row, _) -> JobRun.map(row))
        .list();
  }

  /// Jobs that have not been decided yet, each the next attempt of its instance.
  ///
  /// @return their rows, in the order of the jobs
  static List<JobRun> insertWaiting(Handle tx, Run run, List<NewJob> jobs, Instant at) {
    var ids = jobs.stream().map(_ -> Ids.next()).toList();
    var batch =
        tx.prepareBatch(
            """
            INSERT INTO job (id, run_id, project_id, job_key, matrix_index, attempt, current,
                             position, name, needs, phase, reason, lost_before, debug,
                             created_at)
            SELECT :id, :run, :project, :key, :index,
                   (SELECT COALESCE(max(attempt), 0) + 1 FROM job
                    WHERE run_id = :run AND job_key = :key AND matrix_index = :index),
                   true, :position, :name, :needs, 'waiting', '', :lostBefore, :debug, :at
            """);
    for (var n = 0; n < jobs.size(); n++) {
      var job = jobs.get(n);
      batch
          .bind("id", ids.get(n))
          .bind("run", run.id())
          .bind("project", run.projectId())
          .bind("key", job.key())
          .bind("index", job.index())
          .bind("position", job.position())
          .bind("name", RunLimits.cut(job.name(), RunLimits.MAX_NAME_CHARS))
          .bindArray("needs", String.class, job.needs())
          .bind("lostBefore", job.lostBefore())
          .bind("debug", job.debug())
          .bind("at", at)
          .add();
    }
    batch.execute();
    // The ids follow the order in which they were made.
    return lock(tx, ids);
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

  /// @param reason what the job waits for; empty for nothing
  record Decision(UUID job, Decided decided, String reason) {}

  static void decided(Handle tx, List<Decision> decisions) {
    if (decisions.isEmpty()) {
      return;
    }
    var batch =
        tx.prepareBatch(
            """
            UPDATE job
            SET name = :name, labels = :labels, contexts = CAST(:contexts AS json),
                network = :network, retry_safe = :retrySafe, continue_on_error = :continueOnError,
                timeout_seconds = :timeout, reason = :reason, workflow_file = :workflowFile,
                secrets_path = CAST(:secretsPath AS json),
                permissions = CAST(:permissions AS json), environment = :environment
            WHERE id = :id
            """);
    for (var decision : decisions) {
      var decided = decision.decided();
      batch
          .bind("id", decision.job())
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
          .bind("reason", decision.reason())
          .add();
    }
    batch.execute();
  }

  /// What steps were in the middle of, nobody will tell any more.
  static void ended(Handle tx, List<RunEvidence.JobEnd> ends, Instant at) {
    if (ends.isEmpty()) {
      return;
    }
    tx.createUpdate(
            """
            WITH ended AS (
              SELECT *
              FROM unnest((SELECT CAST(:jobs AS uuid[])), (SELECT CAST(:outcomes AS text[])),
                          (SELECT CAST(:reasons AS text[])), (SELECT CAST(:outputs AS text[])),
                          (SELECT CAST(:events AS bigint[])), (SELECT CAST(:sandboxes AS text[])))
                AS ended (job, outcome, reason, outputs, events, sandbox)
            ), broken_off AS (
              UPDATE step
              SET ended_at = :at, outcome = ended.outcome, conclusion = ended.outcome
              FROM ended WHERE step.job_id = ended.job AND step.ended_at IS NULL
            )
            UPDATE job
            SET phase = 'ended', outcome = ended.outcome, reason = ended.reason,
                outputs = CAST(ended.outputs AS json), next_event = ended.events,
                sandbox = ended.sandbox, ended_at = :at, lease_until = NULL, token_hash = NULL
            FROM ended WHERE job.id = ended.job
            """)
        .bindArray("jobs", UUID.class, ends.stream().map(end -> end.job().id()).toList())
        .bindArray(
            "outcomes", String.class, ends.stream().map(end -> end.outcome().word()).toList())
        .bindArray("reasons", String.class, ends.stream().map(RunEvidence.JobEnd::reason).toList())
        .bindArray("outputs", String.class, ends.stream().map(RunEvidence.JobEnd::outputs).toList())
        .bindArray("events", Long.class, ends.stream().map(end -> end.told().nextEvent()).toList())
        .bindArray(
            "sandboxes", String.class, ends.stream().map(end -> end.told().sandbox()).toList())
        .bind("at", at)
        .execute();
  }

  static void told(Handle tx, UUID id, JobRun.Told told) {
    tx.createUpdate("UPDATE job SET next_event = :next, sandbox = :sandbox WHERE id = :id")
        .bind("next", told.nextEvent())
        .bind("sandbox", told.sandbox())
        .bind("id", id)
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
