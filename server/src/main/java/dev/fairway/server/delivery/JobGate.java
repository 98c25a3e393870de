package dev.fairway.server.delivery;

import com.fasterxml.jackson.annotation.JsonValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// A job of a workflow on its way to an environment.
///
/// @param jobId the attempt that waits; a re-run asks anew
/// @param name of the job
/// @param actor the name of who caused the run
/// @param reason why it was rejected; empty where it was not
public record JobGate(
    UUID jobId,
    UUID runId,
    long runNumber,
    UUID projectId,
    String project,
    String name,
    String commit,
    String actor,
    String environment,
    State state,
    String reason,
    Instant requestedAt,
    Instant changedAt) {

  /// Whether it lets the job through.
  public enum State {
    /// Entitled people have to say yes.
    WAITING,
    /// The job may start.
    OPEN,
    /// An entitled person said no.
    REJECTED;

    /// The word that page, API and database use.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Such as `payments #12, deploy`.
  public String title() {
    return "%s #%d, %s".formatted(project, runNumber, name);
  }

  /// The run's page, with that job.
  public String path() {
    return "/projects/%s/runs/%d?job=%s".formatted(project, runNumber, jobId);
  }

  public String shortCommit() {
    return commit.substring(0, Math.min(7, commit.length()));
  }

  static void insert(Handle tx, JobGate gate) {
    tx.createUpdate(
            """
            INSERT INTO job_gate (job_id, run_id, run_number, project_id, project, name, commit_sha,
                                  actor, environment, state, reason, requested_at, changed_at)
            VALUES (:jobId, :runId, :runNumber, :projectId, :project, :name, :commit, :actor,
                    :environment, :word, :reason, :requestedAt, :changedAt)
            """)
        .bindMethods(gate)
        .bind("word", gate.state().word())
        .execute();
  }

  static void move(Handle tx, UUID job, State state, String reason, Instant at) {
    tx.createUpdate(
            """
            UPDATE job_gate SET state = :state, reason = :reason, changed_at = :at
            WHERE job_id = :job
            """)
        .bind("job", job)
        .bind("state", state.word())
        .bind("reason", reason)
        .bind("at", at)
        .execute();
  }

  static Optional<JobGate> find(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM job_gate WHERE job_id = :job")
        .bind("job", job)
        .map((row, _) -> map(row))
        .findOne();
  }

  static Optional<JobGate> lock(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM job_gate WHERE job_id = :job FOR UPDATE")
        .bind("job", job)
        .map((row, _) -> map(row))
        .findOne();
  }

  /// Those at which a job still waits for people, the oldest first. One that was cancelled waits no
  /// more.
  static List<JobGate> waiting(Handle tx) {
    return tx.createQuery(
            """
            SELECT g.* FROM job_gate g JOIN job j ON j.id = g.job_id
            WHERE g.state = 'waiting' AND j.current AND j.phase = 'waiting'
            ORDER BY g.requested_at, g.job_id
            """)
        .map((row, _) -> map(row))
        .list();
  }

  /// The commit that a job of the project brought to the environment last.
  static Optional<String> lastCommit(Handle tx, UUID project, String environment) {
    return tx.createQuery(
            """
            SELECT commit_sha FROM job_gate
            WHERE project_id = :project AND environment = :environment AND state = 'open'
            ORDER BY changed_at DESC LIMIT 1
            """)
        .bind("project", project)
        .bind("environment", environment)
        .mapTo(String.class)
        .findOne();
  }

  static void insert(Handle tx, Approval decision) {
    tx.createUpdate(
            """
            INSERT INTO job_gate_approval (job_id, user_id, username, printed_name, role, approved,
                                           meaning, reason, digest, decided_at)
            VALUES (:deploymentId, :userId, :username, :printedName, :roleWord, :approved, :meaning,
                    :reason, :digest, :decidedAt)
            """)
        .bindMethods(decision)
        .bind("roleWord", decision.role().word())
        .execute();
  }

  /// The decisions on it, the first first; in the place of a deployment they name the job.
  static List<Approval> decisions(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM job_gate_approval WHERE job_id = :job ORDER BY decided_at")
        .bind("job", job)
        .map((row, _) -> Approval.map(row, "job_id"))
        .list();
  }

  private static JobGate map(ResultSet row) throws SQLException {
    return new JobGate(
        Columns.id(row, "job_id"),
        Columns.id(row, "run_id"),
        row.getLong("run_number"),
        Columns.id(row, "project_id"),
        row.getString("project"),
        row.getString("name"),
        row.getString("commit_sha"),
        row.getString("actor"),
        row.getString("environment"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getString("reason"),
        Columns.instant(row, "requested_at"),
        Columns.instant(row, "changed_at"));
  }
}
