package dev.fairway.server.vault;

import dev.fairway.server.db.Ids;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The SQL of secrets and variables.
final class VaultStore {
  /// Everybody who seals shares it; who changes the keys has it alone.
  private static final long KEYS_LOCK = 0x6661_6972_0080L;

  private VaultStore() {}

  /// A secret as it is kept.
  record Row(UUID id, Scope scope, String name, SecretKeys.Sealed sealed) {
    /// What the sealed text is bound to.
    String place() {
      return place(scope, name);
    }

    static String place(Scope scope, String name) {
      return scope.project().map(UUID::toString).orElse("")
          + "/"
          + scope.environment().orElse("")
          + "/"
          + name;
    }
  }

  static void shareKeys(Handle tx) {
    tx.createQuery("SELECT pg_advisory_xact_lock_shared(:lock) IS NULL")
        .bind("lock", KEYS_LOCK)
        .mapTo(Boolean.class)
        .one();
  }

  static void holdKeys(Handle tx) {
    tx.createQuery("SELECT pg_advisory_xact_lock(:lock) IS NULL")
        .bind("lock", KEYS_LOCK)
        .mapTo(Boolean.class)
        .one();
  }

  static void putSecret(
      Handle tx, Scope scope, String name, SecretKeys.Sealed sealed, Instant at, String by) {
    tx.createUpdate(
            """
            INSERT INTO secret (id, project_id, environment, name, key_id, nonce, sealed, set_at,
                                set_by)
            VALUES (:id, :project, :environment, :name, :key, :nonce, :sealed, :at, :by)
            ON CONFLICT (project_id, environment, name) DO UPDATE
            SET key_id = excluded.key_id, nonce = excluded.nonce, sealed = excluded.sealed,
                set_at = excluded.set_at, set_by = excluded.set_by
            """)
        .bind("id", Ids.next())
        .bind("project", project(scope))
        .bind("environment", environment(scope))
        .bind("name", name)
        .bind("key", sealed.key())
        .bind("nonce", sealed.nonce())
        .bind("sealed", sealed.bytes())
        .bind("at", at)
        .bind("by", by)
        .execute();
  }

  static void putVariable(
      Handle tx, Scope scope, String name, String value, Instant at, String by) {
    tx.createUpdate(
            """
            INSERT INTO variable (id, project_id, environment, name, value, set_at, set_by)
            VALUES (:id, :project, :environment, :name, :value, :at, :by)
            ON CONFLICT (project_id, environment, name) DO UPDATE
            SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by
            """)
        .bind("id", Ids.next())
        .bind("project", project(scope))
        .bind("environment", environment(scope))
        .bind("name", name)
        .bind("value", value)
        .bind("at", at)
        .bind("by", by)
        .execute();
  }

  /// Whether there was one.
  static boolean remove(Handle tx, Kind kind, Scope scope, String name) {
    var sql =
        switch (kind) {
          case SECRET ->
              """
              DELETE FROM secret WHERE project_id IS NOT DISTINCT FROM :project
              AND environment IS NOT DISTINCT FROM :environment AND name = :name
              """;
          case VARIABLE ->
              """
              DELETE FROM variable WHERE project_id IS NOT DISTINCT FROM :project
              AND environment IS NOT DISTINCT FROM :environment AND name = :name
              """;
        };
    return tx.createUpdate(sql)
            .bind("project", project(scope))
            .bind("environment", environment(scope))
            .bind("name", name)
            .execute()
        == 1;
  }

  /// Those of exactly that scope, by name.
  static List<Setting> list(Handle tx, Kind kind, Scope scope) {
    var sql =
        switch (kind) {
          case SECRET ->
              """
              SELECT name, NULL AS value, set_at, set_by FROM secret
              WHERE project_id IS NOT DISTINCT FROM :project
              AND environment IS NOT DISTINCT FROM :environment ORDER BY name
              """;
          case VARIABLE ->
              """
              SELECT name, value, set_at, set_by FROM variable
              WHERE project_id IS NOT DISTINCT FROM :project
              AND environment IS NOT DISTINCT FROM :environment ORDER BY name
              """;
        };
    return tx.createQuery(sql)
        .bind("project", project(scope))
        .bind("environment", environment(scope))
        .map((row, _) ->
            new Setting(
                row.getString("name"),
                row.getString("value"),
                row.getObject("set_at", OffsetDateTime.class).toInstant(),
                row.getString("set_by")))
        .list();
  }

  /// The secrets that a job of that project sees, the wider scopes first.
  static List<Row> secretsFor(Handle tx, UUID project, @Nullable String environment) {
    return tx.createQuery(
            """
            SELECT * FROM secret
            WHERE (project_id IS NULL OR project_id = :project)
              AND (environment IS NULL OR environment = :environment)
            ORDER BY environment IS NOT NULL, project_id IS NOT NULL
            """)
        .bind("project", project)
        .bind("environment", environment)
        .map((row, _) -> row(row))
        .list();
  }

  /// A variable that a job sees.
  record Variable(String name, String value) {}

  /// The variables that a job of that project sees, the wider scopes first.
  static List<Variable> variablesFor(Handle tx, UUID project, @Nullable String environment) {
    return tx.createQuery(
            """
            SELECT name, value FROM variable
            WHERE (project_id IS NULL OR project_id = :project)
              AND (environment IS NULL OR environment = :environment)
            ORDER BY environment IS NOT NULL, project_id IS NOT NULL
            """)
        .bind("project", project)
        .bind("environment", environment)
        .map((row, _) -> new Variable(row.getString("name"), row.getString("value")))
        .list();
  }

  /// Every secret that another key sealed.
  static List<Row> sealedByOthers(Handle tx, String key) {
    return tx.createQuery("SELECT * FROM secret WHERE key_id <> :key FOR UPDATE")
        .bind("key", key)
        .map((row, _) -> row(row))
        .list();
  }

  static void reseal(Handle tx, UUID id, SecretKeys.Sealed sealed) {
    tx.createUpdate(
            """
            UPDATE secret SET key_id = :key, nonce = :nonce, sealed = :sealed WHERE id = :id
            """)
        .bind("key", sealed.key())
        .bind("nonce", sealed.nonce())
        .bind("sealed", sealed.bytes())
        .bind("id", id)
        .execute();
  }

  static Set<String> neededKeys(Handle tx) {
    return tx.createQuery("SELECT DISTINCT key_id FROM secret").mapTo(String.class).set();
  }

  private static Row row(java.sql.ResultSet row) throws java.sql.SQLException {
    return new Row(
        row.getObject("id", UUID.class),
        new Scope(
            Optional.ofNullable(row.getObject("project_id", UUID.class)),
            Optional.ofNullable(row.getString("environment"))),
        row.getString("name"),
        new SecretKeys.Sealed(
            row.getString("key_id"), row.getBytes("nonce"), row.getBytes("sealed")));
  }

  private static @Nullable UUID project(Scope scope) {
    return scope.project().orElse(null);
  }

  private static @Nullable String environment(Scope scope) {
    return scope.environment().orElse(null);
  }
}
