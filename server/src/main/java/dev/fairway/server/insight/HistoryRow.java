package dev.fairway.server.insight;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// One deployment that has ended, as delivery's tables have it.
///
/// @param began when its process was first started; empty where it never came to that
/// @param judged whether its verification came to a verdict
record HistoryRow(
    UUID id,
    UUID project,
    String service,
    String version,
    String commit,
    String digest,
    boolean rollback,
    String state,
    String requestedBy,
    Instant requestedAt,
    Optional<Instant> began,
    Optional<Instant> switchedAt,
    Instant endedAt,
    Optional<UUID> previous,
    boolean judged) {

  /// More than so many are refused: what was deployed before decides about what is deployed now, so
  /// that a part of them would give wrong figures.
  static final int MAX_ROWS = 50_000;

  boolean succeeded() {
    return state.equals("succeeded");
  }

  boolean rolledBack() {
    return state.equals("rolled_back");
  }

  /// The environment that a release reaches last.
  static Optional<String> production(Handle tx) {
    return tx.createQuery("SELECT name FROM environment ORDER BY position DESC LIMIT 1")
        .mapTo(String.class)
        .findOne();
  }

  static List<String> services(Handle tx, String environment) {
    return tx.createQuery(
            """
            SELECT DISTINCT service FROM deployment WHERE environment = :environment ORDER BY service
            """)
        .bind("environment", environment)
        .mapTo(String.class)
        .list();
  }

  /// All that ended there, in that order; of one service or, where it is null, of all.
  static List<HistoryRow> ended(Handle tx, String environment, @Nullable String service) {
    var rows =
        tx.createQuery(
                """
                SELECT d.id, d.project_id, d.service, r.version, r.commit_sha, r.digest, d.kind,
                       d.state, d.requested_by, d.requested_at, d.switched_at, d.ended_at,
                       d.previous_id, d.verdict IS NOT NULL AS judged,
                       (SELECT min(s.at) FROM deployment_step s
                        WHERE s.deployment_id = d.id AND s.state = 'starting') AS began_at
                FROM deployment d JOIN release r ON r.id = d.release_id
                WHERE d.environment = :environment AND d.ended_at IS NOT NULL
                  AND (CAST(:service AS text) IS NULL OR d.service = :service)
                ORDER BY d.ended_at, d.id
                LIMIT :limit
                """)
            .bind("environment", environment)
            .bind("service", service)
            .bind("limit", MAX_ROWS + 1)
            .map((row, _) -> map(row))
            .list();
    if (rows.size() > MAX_ROWS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "More than " + MAX_ROWS + " deployments to " + environment + " have ended",
          "Ask for one service.");
    }
    return rows;
  }

  private static HistoryRow map(ResultSet row) throws SQLException {
    return new HistoryRow(
        row.getObject("id", UUID.class),
        row.getObject("project_id", UUID.class),
        row.getString("service"),
        row.getString("version"),
        row.getString("commit_sha"),
        row.getString("digest"),
        row.getString("kind").equals("rollback"),
        row.getString("state"),
        row.getString("requested_by"),
        row.getObject("requested_at", OffsetDateTime.class).toInstant(),
        instant(row, "began_at"),
        instant(row, "switched_at"),
        row.getObject("ended_at", OffsetDateTime.class).toInstant(),
        Optional.ofNullable(row.getObject("previous_id", UUID.class)),
        row.getBoolean("judged"));
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
