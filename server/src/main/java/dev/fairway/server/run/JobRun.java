package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.JobKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One attempt of one instance of a job.
///
/// @param key the job's id in the workflow file; in a called one with the path of its callers
///   before it, such as `deploy/build`
/// @param index its place in the job's matrix, from 0
/// @param attempt counts from 1
/// @param current whether this attempt is the one that counts
/// @param position the job's place in the file, from 0
/// @param needs ids of the jobs of the same file that end before it starts
/// @param outcome null until it ended
/// @param reason why it ended so, or what it waits for; empty where there is nothing to say
/// @param labels what its agent must have
/// @param contexts a JSON object with `matrix`, `strategy` and `needs`, and in a called workflow
///   `inputs`
/// @param outputs a JSON object of strings
/// @param network whether it may reach the network
/// @param retrySafe whether it may run again after its agent was lost in the middle of it
/// @param continueOnError whether its failure leaves the run a success
/// @param timeoutSeconds what the whole job may take; 0 until it was decided
/// @param agent the name of the agent that holds or held it; empty for none
/// @param sandbox how that agent isolates jobs
/// @param fence grows with every claim
/// @param lostBefore whether it replaces an attempt whose agent was lost
/// @param debug whether it was asked to write down more than usual
/// @param cancelReason why it is asked to stop; null where it is not
/// @param nextEvent how many events have arrived
/// @param workflowFile the called workflow in which it stands; null for the run's own
/// @param secretsPath which of the run's secrets it sees, see [dev.fairway.workflow.SecretsPath]
/// @param permissions levels by scope as JSON; null where nobody decided about them
/// @param environment where it deploys to; null where it says none
/// @param environmentUrl where people find what it brought there; null where it does not say
public record JobRun(
    UUID id,
    UUID runId,
    UUID projectId,
    String key,
    int index,
    int attempt,
    boolean current,
    int position,
    String name,
    List<String> needs,
    JobPhase phase,
    @Nullable Outcome outcome,
    String reason,
    List<String> labels,
    String contexts,
    String outputs,
    boolean network,
    boolean retrySafe,
    boolean continueOnError,
    long timeoutSeconds,
    @Nullable UUID agentId,
    String agent,
    String sandbox,
    long fence,
    @Nullable Instant leaseUntil,
    @Nullable Instant heartbeatAt,
    boolean lostBefore,
    boolean debug,
    @Nullable String cancelReason,
    @Nullable Instant cancelAskedAt,
    long nextEvent,
    @Nullable String workflowFile,
    String secretsPath,
    @Nullable String permissions,
    @Nullable String environment,
    @Nullable String environmentUrl,
    @Nullable Instant queuedAt,
    @Nullable Instant claimedAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt) {
  public JobRun {
    needs = List.copyOf(needs);
    labels = List.copyOf(labels);
  }

  /// What its agent has told that its row keeps.
  ///
  /// @param nextEvent how many events have arrived
  /// @param sandbox how that agent isolates it
  record Told(long nextEvent, String sandbox) {}

  Told told() {
    return new Told(nextEvent, sandbox);
  }

  /// The outcome once it ended, until then the phase.
  public String stateWord() {
    return outcome == null ? phase.word() : outcome.word();
  }

  /// Whether its turn has come and something holds it back, which its reason says. (The reason of
  /// an attempt that replaces a lost one tells of that loss.)
  boolean waitsForSomething() {
    return phase == JobPhase.WAITING && reason.startsWith("waits ");
  }

  boolean waitsForGroup() {
    return waitsForSomething() && reason.startsWith("waits for the group ");
  }

  /// The job's id in the file in which it stands.
  String jobId() {
    return new JobKey(key, index).id();
  }

  static JobRun map(ResultSet row) throws SQLException {
    return new JobRun(
        Columns.id(row, "id"),
        Columns.id(row, "run_id"),
        Columns.id(row, "project_id"),
        row.getString("job_key"),
        row.getInt("matrix_index"),
        row.getInt("attempt"),
        row.getBoolean("current"),
        row.getInt("position"),
        row.getString("name"),
        Columns.strings(row, "needs"),
        JobPhase.ofWord(row.getString("phase")),
        Columns.outcomeOrNull(row, "outcome"),
        row.getString("reason"),
        Columns.strings(row, "labels"),
        row.getString("contexts"),
        row.getString("outputs"),
        row.getBoolean("network"),
        row.getBoolean("retry_safe"),
        row.getBoolean("continue_on_error"),
        row.getLong("timeout_seconds"),
        row.getObject("agent_id", UUID.class),
        row.getString("agent"),
        row.getString("sandbox"),
        row.getLong("fence"),
        Columns.instantOrNull(row, "lease_until"),
        Columns.instantOrNull(row, "heartbeat_at"),
        row.getBoolean("lost_before"),
        row.getBoolean("debug"),
        row.getString("cancel_reason"),
        Columns.instantOrNull(row, "cancel_asked_at"),
        row.getLong("next_event"),
        row.getString("workflow_file"),
        row.getString("secrets_path"),
        row.getString("permissions"),
        row.getString("environment"),
        row.getString("environment_url"),
        Columns.instantOrNull(row, "queued_at"),
        Columns.instantOrNull(row, "claimed_at"),
        Columns.instantOrNull(row, "started_at"),
        Columns.instantOrNull(row, "ended_at"));
  }
}
