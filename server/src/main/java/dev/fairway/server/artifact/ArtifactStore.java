package dev.fairway.server.artifact;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/// The SQL of artifacts and blobs.
final class ArtifactStore {
  private ArtifactStore() {}

  /// The newest artifact of each name whose time has not come, by name.
  static List<Artifact> ofRun(Handle tx, UUID run, Instant now) {
    return tx.createQuery(
            """
            SELECT DISTINCT ON (name) * FROM artifact
            WHERE run_id = :run AND (expires_at IS NULL OR expires_at > :now)
            ORDER BY name, id DESC
            """)
        .bind("run", run)
        .bind("now", now)
        .map(ConstructorMapper.of(Artifact.class))
        .list();
  }

  /// The newest artifact of that name, also where its time has come and nobody has tidied yet.
  static Optional<Artifact> find(Handle tx, UUID run, String name) {
    return tx.createQuery(
            """
            SELECT * FROM artifact WHERE run_id = :run AND name = :name ORDER BY id DESC LIMIT 1
            """)
        .bind("run", run)
        .bind("name", name)
        .map(ConstructorMapper.of(Artifact.class))
        .findOne();
  }

  static Optional<Artifact> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM artifact WHERE id = :id")
        .bind("id", id)
        .map(ConstructorMapper.of(Artifact.class))
        .findOne();
  }

  /// A number that no other artifact has.
  static long nextNumber(Handle tx) {
    return tx.createQuery("SELECT nextval(pg_get_serial_sequence('artifact', 'number'))")
        .mapTo(Long.class)
        .one();
  }

  /// Forgets one artifact, unless a release keeps it, and answers whether it did.
  static boolean delete(Handle tx, UUID id) {
    return tx.createUpdate("DELETE FROM artifact WHERE id = :id AND expires_at IS NOT NULL")
            .bind("id", id)
            .execute()
        == 1;
  }

  /// Lets those of that name go with the one that supersedes them: none of an earlier attempt comes
  /// to light again when it goes.
  static void expireWith(Handle tx, Artifact newest) {
    tx.createUpdate(
            """
            UPDATE artifact SET expires_at = LEAST(expires_at, :expiresAt)
            WHERE run_id = :runId AND name = :name AND expires_at IS NOT NULL
            """)
        .bindMethods(newest)
        .execute();
  }

  /// Forgets the artifacts of that name, unless a release keeps them.
  static void delete(Handle tx, UUID run, String name) {
    tx.createUpdate(
            """
            DELETE FROM artifact WHERE run_id = :run AND name = :name AND expires_at IS NOT NULL
            """)
        .bind("run", run)
        .bind("name", name)
        .execute();
  }

  static int count(Handle tx, UUID run) {
    return tx.createQuery("SELECT count(*) FROM artifact WHERE run_id = :run")
        .bind("run", run)
        .mapTo(Integer.class)
        .one();
  }

  static void insert(Handle tx, Artifact artifact) {
    tx.createUpdate(
            """
            INSERT INTO artifact (id, number, project_id, run_id, job_id, name, digest, size,
                                  entries, created_at, expires_at)
            VALUES (:id, :number, :projectId, :runId, :jobId, :name, :digest, :size, :entries,
                    :createdAt, :expiresAt)
            """)
        .bindMethods(artifact)
        .execute();
  }

  /// Lets uploads to one run pass one after the other until the transaction ends.
  static void lockNames(Handle tx, UUID run) {
    tx.createQuery("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:run AS text), 0)) IS NULL")
        .bind("run", run)
        .mapTo(Boolean.class)
        .one();
  }

  /// Makes or touches the row of the bytes, and holds it until the transaction ends.
  static void holdBlob(Handle tx, String digest, long size, Instant at) {
    tx.createUpdate(
            """
            INSERT INTO blob (digest, size, created_at) VALUES (:digest, :size, :at)
            ON CONFLICT (digest) DO UPDATE SET size = excluded.size
            """)
        .bind("digest", digest)
        .bind("size", size)
        .bind("at", at)
        .execute();
  }

  /// Which of them no row is about.
  static List<String> unknownBlobs(Handle tx, Collection<String> digests) {
    return tx.createQuery(
            """
            SELECT digest FROM unnest(CAST(:digests AS text[])) AS digest
            WHERE NOT EXISTS (SELECT FROM blob WHERE blob.digest = digest.digest)
            """)
        .bindArray("digests", String.class, digests)
        .mapTo(String.class)
        .list();
  }

  static Optional<Long> blobSize(Handle tx, String digest) {
    return tx.createQuery("SELECT size FROM blob WHERE digest = :digest")
        .bind("digest", digest)
        .mapTo(Long.class)
        .findOne();
  }

  /// Keeps the project's artifacts with those bytes for ever.
  static void keepForEver(Handle tx, UUID project, Collection<String> digests) {
    tx.createUpdate(
            """
            UPDATE artifact SET expires_at = NULL
            WHERE project_id = :project AND digest = ANY (:digests)
            """)
        .bind("project", project)
        .bindArray("digests", String.class, digests)
        .execute();
  }

  /// Forgets artifacts whose time has come, and answers how many.
  static int expire(Handle tx, Instant now, int limit) {
    return tx.createUpdate(
            """
            DELETE FROM artifact WHERE id IN
                (SELECT id FROM artifact WHERE expires_at < :now ORDER BY expires_at LIMIT :limit
                 FOR UPDATE SKIP LOCKED)
            """)
        .bind("now", now)
        .bind("limit", limit)
        .execute();
  }

  static List<String> unusedBlobs(Handle tx, int limit) {
    return tx.createQuery(
            """
            SELECT digest FROM blob b
            WHERE NOT EXISTS (SELECT FROM artifact a WHERE a.digest = b.digest)
              AND NOT EXISTS (SELECT FROM cache_entry c WHERE c.digest = b.digest)
            ORDER BY digest LIMIT :limit
            """)
        .bind("limit", limit)
        .mapTo(String.class)
        .list();
  }

  /// Deletes the row of bytes that nobody names, and answers whether it did. Its row is locked
  /// first, so that an upload in between is seen.
  static boolean dropBlob(Handle tx, String digest) {
    tx.createQuery("SELECT digest FROM blob WHERE digest = :digest FOR UPDATE")
        .bind("digest", digest)
        .mapTo(String.class)
        .findOne();
    return tx.createUpdate(
                """
                DELETE FROM blob WHERE digest = :digest
                AND NOT EXISTS (SELECT FROM artifact WHERE digest = :digest)
                AND NOT EXISTS (SELECT FROM cache_entry WHERE digest = :digest)
                """)
            .bind("digest", digest)
            .execute()
        == 1;
  }
}
