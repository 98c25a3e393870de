package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The tables `environment` and `environment_version`.
final class EnvironmentStore {
  /// As many versions come on one page.
  private static final int MAX_HISTORY = 30;

  private EnvironmentStore() {}

  /// All of them in the order of the path.
  static List<Environment> all(Handle tx) {
    return tx.createQuery("SELECT * FROM environment ORDER BY position")
        .map((row, _) -> map(row))
        .list();
  }

  static Optional<Environment> find(Handle tx, String name) {
    return tx.createQuery("SELECT * FROM environment WHERE name = :name")
        .bind("name", name)
        .map((row, _) -> map(row))
        .findOne();
  }

  static Environment demand(Handle tx, String name) {
    return find(tx, name)
        .orElseThrow(() ->
            new FairwayException(
                ErrorCode.NOT_FOUND,
                "There is no environment " + name,
                "List them with 'fairway environments list'."));
  }

  /// Takes the environment's lock: whoever holds it decides what waits there.
  static Environment lock(Handle tx, String name) {
    return tx.createQuery("SELECT * FROM environment WHERE name = :name FOR UPDATE")
        .bind("name", name)
        .map((row, _) -> map(row))
        .findOne()
        .orElseGet(() -> demand(tx, name));
  }

  /// Keeps others from applying definitions: each goes by the path as the one before left it. What
  /// takes the lock of one environment is not kept up.
  static void lockAll(Handle tx) {
    tx.execute("LOCK TABLE environment IN SHARE ROW EXCLUSIVE MODE");
  }

  /// The rules as they were in that version.
  static EnvironmentDefinition version(Handle tx, String name, int version) {
    return tx.createQuery(
            """
            SELECT definition FROM environment_version
            WHERE environment = :name AND version = :version
            """)
        .bind("name", name)
        .bind("version", version)
        .map((row, _) -> Columns.json(row, "definition", EnvironmentDefinition.class))
        .one();
  }

  /// Its versions, the newest first.
  static List<Environment> history(Handle tx, String name) {
    return tx.createQuery(
            """
            SELECT definition, version, changed_at, changed_by FROM environment_version
            WHERE environment = :name ORDER BY version DESC LIMIT :limit
            """)
        .bind("name", name)
        .bind("limit", MAX_HISTORY)
        .map((row, _) -> map(row))
        .list();
  }

  /// The environment that comes before that place on the path.
  static Optional<Environment> before(Handle tx, int order) {
    return tx.createQuery(
            "SELECT * FROM environment WHERE position < :order ORDER BY position DESC LIMIT 1")
        .bind("order", order)
        .map((row, _) -> map(row))
        .findOne();
  }

  /// The environment that comes after that place on the path; -1 for the first.
  static Optional<Environment> after(Handle tx, int order) {
    return tx.createQuery(
            "SELECT * FROM environment WHERE position > :order ORDER BY position LIMIT 1")
        .bind("order", order)
        .map((row, _) -> map(row))
        .findOne();
  }

  static void put(Handle tx, Environment environment) {
    var definition = environment.definition();
    tx.createUpdate(
            """
            INSERT INTO environment (name, position, version, definition, changed_at, changed_by)
            VALUES (:name, :position, :version, CAST(:definition AS jsonb), :at, :by)
            ON CONFLICT (name) DO UPDATE
            SET position = :position, version = :version, definition = CAST(:definition AS jsonb),
                changed_at = :at, changed_by = :by
            """)
        .bind("name", definition.name())
        .bind("position", definition.order())
        .bind("version", environment.version())
        .bind("definition", Json.MAPPER.writeValueAsString(definition))
        .bind("at", environment.changedAt())
        .bind("by", environment.changedBy())
        .execute();
    tx.createUpdate(
            """
            INSERT INTO environment_version (environment, version, definition, changed_at, changed_by)
            VALUES (:name, :version, CAST(:definition AS jsonb), :at, :by)
            """)
        .bind("name", definition.name())
        .bind("version", environment.version())
        .bind("definition", Json.MAPPER.writeValueAsString(definition))
        .bind("at", environment.changedAt())
        .bind("by", environment.changedBy())
        .execute();
  }

  private static Environment map(ResultSet row) throws SQLException {
    return new Environment(
        Columns.json(row, "definition", EnvironmentDefinition.class),
        row.getInt("version"),
        Columns.instant(row, "changed_at"),
        row.getString("changed_by"));
  }
}
