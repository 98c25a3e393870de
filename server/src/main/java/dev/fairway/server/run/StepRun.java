package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One step of one attempt of a job.
///
/// @param logLine the line of the job's log at which it begins, from 1
/// @param outcome what it did; null while it runs
/// @param conclusion what it counts as
/// @param summary Markdown; empty where the step wrote none
public record StepRun(
    UUID jobId,
    int index,
    String name,
    long logOffset,
    long logLine,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Outcome outcome,
    @Nullable Outcome conclusion,
    String summary) {

  static StepRun map(ResultSet row) throws SQLException {
    return new StepRun(
        Columns.id(row, "job_id"),
        row.getInt("index"),
        row.getString("name"),
        row.getLong("log_offset"),
        row.getLong("log_line"),
        Columns.instant(row, "started_at"),
        Columns.instantOrNull(row, "ended_at"),
        Columns.outcomeOrNull(row, "outcome"),
        Columns.outcomeOrNull(row, "conclusion"),
        row.getString("summary"));
  }
}
