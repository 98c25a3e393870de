package dev.fairway.server.artifact;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/// The SQL of caches.
final class CacheStore {
  private CacheStore() {}

  /// The project's default branch as git names it.
  static String defaultRef(Handle tx, UUID project) {
    return tx.createQuery("SELECT 'refs/heads/' || default_branch FROM project WHERE id = :project")
        .bind("project", project)
        .mapTo(String.class)
        .one();
  }

  /// Reserves the key for a job; empty where it is taken. A reservation that came to nothing, or
  /// the job's own, gives way.
  static Optional<CacheEntry> reserve(Handle tx, CacheEntry entry, Instant abandoned) {
    tx.createUpdate(
            """
            DELETE FROM cache_entry
            WHERE project_id = :projectId AND scope = :scope AND key = :key AND version = :version
              AND digest IS NULL AND (job_id = :jobId OR created_at < :abandoned)
            """)
        .bindMethods(entry)
        .bind("abandoned", abandoned)
        .execute();
    return tx.createQuery(
            """
            INSERT INTO cache_entry (id, project_id, job_id, scope, key, version, created_at,
                                     last_used_at)
            VALUES (:id, :projectId, :jobId, :scope, :key, :version, :createdAt, :lastUsedAt)
            ON CONFLICT DO NOTHING RETURNING *
            """)
        .bindMethods(entry)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  /// What the job has reserved, or made, under that key.
  static Optional<CacheEntry> reserved(Handle tx, UUID job, String key, String version) {
    return tx.createQuery(
            """
            SELECT * FROM cache_entry
            WHERE job_id = :job AND key = :key AND version = :version
            """)
        .bind("job", job)
        .bind("key", key)
        .bind("version", version)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  static Optional<CacheEntry> reserved(Handle tx, UUID job, long number) {
    return tx.createQuery(
            """
            SELECT * FROM cache_entry WHERE job_id = :job AND number = :number
            """)
        .bind("job", job)
        .bind("number", number)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  static void complete(Handle tx, UUID id, String digest, long size, Instant at) {
    tx.createUpdate(
            """
            UPDATE cache_entry SET digest = :digest, size = :size, created_at = :at,
                                   last_used_at = :at
            WHERE id = :id
            """)
        .bind("id", id)
        .bind("digest", digest)
        .bind("size", size)
        .bind("at", at)
        .execute();
  }

  /// The entry of exactly that key in a scope.
  static Optional<CacheEntry> exact(
      Handle tx, UUID project, String scope, String version, String key) {
    return tx.createQuery(
            """
            SELECT * FROM cache_entry
            WHERE project_id = :project AND scope = :scope AND version = :version AND key = :key
              AND digest IS NOT NULL
            """)
        .bind("project", project)
        .bind("scope", scope)
        .bind("version", version)
        .bind("key", key)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  /// The newest entry of a scope whose key begins so.
  static Optional<CacheEntry> newest(
      Handle tx, UUID project, String scope, String version, String prefix) {
    return tx.createQuery(
            """
            SELECT * FROM cache_entry
            WHERE project_id = :project AND scope = :scope AND version = :version
              AND starts_with(key, :prefix) AND digest IS NOT NULL
            ORDER BY created_at DESC, id DESC LIMIT 1
            """)
        .bind("project", project)
        .bind("scope", scope)
        .bind("version", version)
        .bind("prefix", prefix)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  static Optional<CacheEntry> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM cache_entry WHERE id = :id AND digest IS NOT NULL")
        .bind("id", id)
        .map(ConstructorMapper.of(CacheEntry.class))
        .findOne();
  }

  static void used(Handle tx, UUID id, Instant at) {
    tx.createUpdate("UPDATE cache_entry SET last_used_at = :at WHERE id = :id")
        .bind("id", id)
        .bind("at", at)
        .execute();
  }

  /// Forgets what of the project is beyond that many bytes, what was used longest ago first.
  static int trim(Handle tx, UUID project, long maxBytes) {
    return tx.createUpdate(
            """
            DELETE FROM cache_entry WHERE id IN
                (SELECT id FROM
                     (SELECT id, sum(size) OVER (ORDER BY last_used_at DESC, id DESC) AS total
                      FROM cache_entry WHERE project_id = :project) AS kept
                 WHERE total > :max)
            """)
        .bind("project", project)
        .bind("max", maxBytes)
        .execute();
  }

  /// Forgets what nobody has used since then.
  static int expire(Handle tx, Instant limit) {
    return tx.createUpdate("DELETE FROM cache_entry WHERE last_used_at < :limit")
        .bind("limit", limit)
        .execute();
  }
}
