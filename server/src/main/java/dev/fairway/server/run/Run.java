package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One execution of a workflow.
///
/// @param project the project's name when the run was made
/// @param number counts per project from 1 without gaps
/// @param attempt counts from 1; each re-run adds one
/// @param workflowText the file as it was at the commit
/// @param title what the run is called: the workflow's `run-name`, else the commit's first line
/// @param event `push` or `workflow_dispatch`
/// @param ref in full, such as `refs/heads/main`
/// @param actor the name of who started it
/// @param contexts a JSON object with `github`, `inputs` and `vars`
/// @param outcome null until it ended
/// @param cancelledBy who asked it to stop; null where nobody did
public record Run(
    UUID id,
    UUID projectId,
    String project,
    long number,
    int attempt,
    String workflowPath,
    String workflowName,
    String workflowText,
    String title,
    String event,
    String ref,
    String commit,
    String actor,
    String contexts,
    RunPhase phase,
    @Nullable Outcome outcome,
    @Nullable String cancelledBy,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt) {

  /// `main` for `refs/heads/main`.
  public String shortRef() {
    return ref.replaceFirst("^refs/(heads|tags)/", "");
  }

  /// The commit as people write it.
  public String shortCommit() {
    return commit.substring(0, Math.min(7, commit.length()));
  }

  /// Where its page is.
  public String path() {
    return "/projects/" + project + "/runs/" + number;
  }

  /// The outcome once it ended, until then the phase.
  public String stateWord() {
    return outcome == null ? phase.word() : outcome.word();
  }

  static Run map(ResultSet row) throws SQLException {
    return new Run(
        Columns.id(row, "id"),
        Columns.id(row, "project_id"),
        row.getString("project"),
        row.getLong("number"),
        row.getInt("attempt"),
        row.getString("workflow_path"),
        row.getString("workflow_name"),
        row.getString("workflow_text"),
        row.getString("title"),
        row.getString("event"),
        row.getString("ref"),
        row.getString("commit_sha"),
        row.getString("actor"),
        row.getString("contexts"),
        RunPhase.ofWord(row.getString("phase")),
        Columns.outcomeOrNull(row, "outcome"),
        row.getString("cancelled_by"),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "started_at"),
        Columns.instantOrNull(row, "ended_at"));
  }
}
