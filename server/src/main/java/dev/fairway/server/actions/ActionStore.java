package dev.fairway.server.actions;

import dev.fairway.api.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/// The SQL of locks and settings.
final class ActionStore {
  private ActionStore() {}

  static Optional<ActionLock> find(Handle tx, String repository, String ref) {
    return tx.createQuery("SELECT * FROM action_lock WHERE repository = :repository AND ref = :ref")
        .bind("repository", repository)
        .bind("ref", ref)
        .map(ConstructorMapper.of(ActionLock.class))
        .findOne();
  }

  static List<ActionLock> all(Handle tx) {
    return tx.createQuery("SELECT * FROM action_lock ORDER BY repository, ref")
        .map(ConstructorMapper.of(ActionLock.class))
        .list();
  }

  /// Whether it was the first.
  static boolean insert(Handle tx, ActionLock lock) {
    return tx.createUpdate(
                """
                INSERT INTO action_lock (repository, ref, kind, sha, location, locked_at, locked_by,
                                         checked_at)
                VALUES (:repository, :ref, :kind, :sha, :location, :lockedAt, :lockedBy, :checkedAt)
                ON CONFLICT DO NOTHING
                """)
            .bindMethods(lock)
            .execute()
        == 1;
  }

  static Optional<ActionLock> delete(Handle tx, String repository, String ref) {
    return tx.createQuery(
            """
            DELETE FROM action_lock WHERE repository = :repository AND ref = :ref RETURNING *
            """)
        .bind("repository", repository)
        .bind("ref", ref)
        .map(ConstructorMapper.of(ActionLock.class))
        .findOne();
  }

  /// Takes the turn to look at it again, of all servers one; empty where it is not due.
  static Optional<ActionLock> takeCheck(Handle tx, ActionLock lock, Instant now, Instant due) {
    return tx.createQuery(
            """
            UPDATE action_lock SET checked_at = :now
            WHERE repository = :repository AND ref = :ref AND checked_at < :due RETURNING *
            """)
        .bind("repository", lock.repository())
        .bind("ref", lock.ref())
        .bind("now", now)
        .bind("due", due)
        .map(ConstructorMapper.of(ActionLock.class))
        .findOne();
  }

  /// Marks it as moved; whether that is news.
  static boolean moved(Handle tx, ActionLock lock, String to, Instant at) {
    return tx.createUpdate(
                """
                UPDATE action_lock SET moved_to = :to, moved_at = :at
                WHERE repository = :repository AND ref = :ref AND sha = :sha
                AND moved_to IS DISTINCT FROM :to
                """)
            .bind("repository", lock.repository())
            .bind("ref", lock.ref())
            .bind("sha", lock.sha())
            .bind("to", to)
            .bind("at", at)
            .execute()
        == 1;
  }

  static ActionSettings settings(Handle tx) {
    return tx.createQuery("SELECT settings::text FROM action_settings")
        .mapTo(String.class)
        .findOne()
        .map(text -> Json.MAPPER.readValue(text, ActionSettings.class))
        .orElse(ActionSettings.DEFAULT);
  }

  static void settings(Handle tx, ActionSettings settings, Instant at, String by) {
    tx.createUpdate(
            """
            INSERT INTO action_settings (settings, changed_at, changed_by)
            VALUES (CAST(:settings AS jsonb), :at, :by)
            ON CONFLICT (single) DO UPDATE SET settings = excluded.settings,
                changed_at = excluded.changed_at, changed_by = excluded.changed_by
            """)
        .bind("settings", Json.MAPPER.writeValueAsString(settings))
        .bind("at", at)
        .bind("by", by)
        .execute();
  }
}
