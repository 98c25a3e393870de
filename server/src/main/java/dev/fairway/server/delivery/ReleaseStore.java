package dev.fairway.server.delivery;

import dev.fairway.api.Json;
import dev.fairway.api.Listing;
import dev.fairway.server.http.ListRequest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The tables `release` and `release_artifact`.
final class ReleaseStore {
  /// As many come on one page.
  static final int PAGE = 50;

  private ReleaseStore() {}

  static void insert(Handle tx, Release release) {
    insert(tx, release, "published", "", release);
    for (var position = 0; position < release.artifacts().size(); position++) {
      var artifact = release.artifacts().get(position);
      tx.createUpdate(
              """
              INSERT INTO release_artifact (release_id, position, name, digest, size)
              VALUES (:release, :position, :name, :digest, :size)
              """)
          .bind("release", release.id())
          .bind("position", position)
          .bind("name", artifact.name())
          .bind("digest", artifact.digest())
          .bind("size", artifact.size())
          .execute();
    }
  }

  static void insert(Handle tx, FailedRelease failed) {
    insert(tx, failed, "failed", failed.reason(), null);
  }

  /// Forgets a failed one, for another attempt of its run.
  static void delete(Handle tx, UUID failed) {
    tx.createUpdate("DELETE FROM release WHERE id = :id AND state = 'failed'")
        .bind("id", failed)
        .execute();
  }

  private static void insert(
      Handle tx, ReleaseRecord record, String state, String reason, @Nullable Release release) {
    tx.createUpdate(
            """
            INSERT INTO release (id, project_id, project, service, version, run_id, run_number,
                                 commit_sha, state, reason, definition, digest, created_at)
            VALUES (:id, :projectId, :project, :service, :version, :runId, :runNumber, :commit,
                    :state, :reason, CAST(:definition AS jsonb), :digest, :createdAt)
            """)
        .bind("id", record.id())
        .bind("projectId", record.projectId())
        .bind("project", record.project())
        .bind("service", release == null ? null : release.service())
        .bind("version", record.version())
        .bind("runId", record.runId())
        .bind("runNumber", record.runNumber())
        .bind("commit", record.commit())
        .bind("state", state)
        .bind("reason", reason)
        .bind(
            "definition",
            release == null ? null : Json.MAPPER.writeValueAsString(release.definition()))
        .bind("digest", release == null ? null : release.digest())
        .bind("createdAt", record.createdAt())
        .execute();
  }

  static Optional<ReleaseRecord> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM release WHERE id = :id")
        .bind("id", id)
        .map((row, _) -> map(tx, row))
        .findOne();
  }

  /// The published release with that id.
  static Optional<Release> published(Handle tx, UUID id) {
    return find(tx, id).filter(Release.class::isInstance).map(Release.class::cast);
  }

  static Optional<ReleaseRecord> ofRun(Handle tx, UUID runId) {
    return tx.createQuery("SELECT * FROM release WHERE run_id = :run")
        .bind("run", runId)
        .map((row, _) -> map(tx, row))
        .findOne();
  }

  /// The published release of that service and version.
  static Optional<Release> ofVersion(Handle tx, String service, String version) {
    return tx.createQuery("SELECT * FROM release WHERE service = :service AND version = :version")
        .bind("service", service)
        .bind("version", version)
        .map((row, _) -> map(tx, row))
        .findOne()
        .filter(Release.class::isInstance)
        .map(Release.class::cast);
  }

  /// The release that a person named: by its id, or as `SERVICE@VERSION`.
  static Optional<ReleaseRecord> named(Handle tx, String name) {
    var at = name.indexOf('@');
    if (at >= 0) {
      return ofVersion(tx, name.substring(0, at), name.substring(at + 1))
          .map(ReleaseRecord.class::cast);
    }
    try {
      return find(tx, UUID.fromString(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The release of the same service before that one.
  static Optional<Release> before(Handle tx, Release release) {
    return tx.createQuery(
            """
            SELECT * FROM release
            WHERE service = :service AND state = 'published' AND run_number < :number
            ORDER BY run_number DESC LIMIT 1
            """)
        .bind("service", release.service())
        .bind("number", release.runNumber())
        .map((row, _) -> map(tx, row))
        .findOne()
        .filter(Release.class::isInstance)
        .map(Release.class::cast);
  }

  static List<ReleaseRecord> ofCommit(Handle tx, UUID projectId, String commit) {
    return tx.createQuery(
            """
            SELECT * FROM release WHERE project_id = :project AND commit_sha = :commit
            ORDER BY run_number DESC LIMIT :limit
            """)
        .bind("project", projectId)
        .bind("commit", commit)
        .bind("limit", PAGE)
        .map((row, _) -> map(tx, row))
        .list();
  }

  /// The latest, of one project or of all.
  static List<ReleaseRecord> latest(Handle tx, @Nullable String project) {
    return list(tx, project, new ListRequest(Optional.empty(), PAGE)).items();
  }

  /// Releases of one project or of all, the latest first.
  static Listing<ReleaseRecord> list(Handle tx, @Nullable String project, ListRequest wanted) {
    var found =
        tx.createQuery(
                """
                SELECT * FROM release
                WHERE (CAST(:project AS text) IS NULL OR project = :project)
                  AND (CAST(:after AS uuid) IS NULL
                       OR (created_at, id) < (SELECT created_at, id FROM release WHERE id = :after))
                ORDER BY created_at DESC, id DESC LIMIT :limit
                """)
            .bind("project", project)
            .bind("after", wanted.afterId())
            .bind("limit", wanted.fetch())
            .map((row, _) -> map(tx, row))
            .list();
    return wanted.cut(found, ReleaseRecord::id);
  }

  /// The project that released a service of that name first, and owns the name by that.
  static Optional<UUID> ownerOf(Handle tx, String service) {
    return tx.createQuery(
            "SELECT project_id FROM release WHERE service = :service ORDER BY created_at LIMIT 1")
        .bind("service", service)
        .mapTo(UUID.class)
        .findOne();
  }

  /// Every service that was ever released, by name, each with its latest release.
  static List<Release> latestOfEachService(Handle tx) {
    return tx.createQuery(
            """
            SELECT DISTINCT ON (service) * FROM release
            WHERE state = 'published' ORDER BY service, run_number DESC
            """)
        .map((row, _) -> map(tx, row))
        .filter(Release.class::isInstance)
        .map(Release.class::cast)
        .list();
  }

  private static ReleaseRecord map(Handle tx, ResultSet row) throws SQLException {
    var id = Columns.id(row, "id");
    if (row.getString("state").equals("failed")) {
      return new FailedRelease(
          id,
          Columns.id(row, "project_id"),
          row.getString("project"),
          row.getString("version"),
          Columns.id(row, "run_id"),
          row.getLong("run_number"),
          row.getString("commit_sha"),
          row.getString("reason"),
          Columns.instant(row, "created_at"));
    }
    return new Release(
        id,
        Columns.id(row, "project_id"),
        row.getString("project"),
        row.getString("version"),
        Columns.id(row, "run_id"),
        row.getLong("run_number"),
        row.getString("commit_sha"),
        row.getString("digest"),
        artifacts(tx, id),
        Columns.json(row, "definition", ServiceDefinition.class),
        Columns.instant(row, "created_at"));
  }

  private static List<Release.Artifact> artifacts(Handle tx, UUID release) {
    return tx.createQuery(
            """
            SELECT name, digest, size FROM release_artifact
            WHERE release_id = :release ORDER BY position
            """)
        .bind("release", release)
        .map((row, _) ->
            new Release.Artifact(
                row.getString("name"), row.getString("digest"), row.getLong("size")))
        .list();
  }
}
