package dev.fairway.server.source;

import dev.fairway.api.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// The SQL of pushes, refs and commits.
final class PushStore {
  /// A push that git may or may not have carried out.
  ///
  /// @param replica the server whose git it is; null where an older version took the push
  record OpenPush(
      UUID id,
      String pusher,
      @Nullable UUID pusherId,
      Instant receivedAt,
      @Nullable UUID replica,
      List<PushCommands.Command> commands) {}

  private PushStore() {}

  static void open(Handle tx, UUID project, OpenPush push) {
    tx.createUpdate(
            """
            INSERT INTO push
              (id, project_id, pusher, pusher_id, received_at, state, replica_id, commands)
            VALUES
              (:id, :project, :pusher, :pusherId, :at, 'open', :replica, CAST(:commands AS jsonb))
            """)
        .bind("id", push.id())
        .bind("project", project)
        .bind("pusher", push.pusher())
        .bind("pusherId", push.pusherId())
        .bind("at", push.receivedAt())
        .bind("replica", push.replica())
        .bind("commands", Json.MAPPER.writeValueAsString(push.commands()))
        .execute();
  }

  /// Open pushes, oldest first.
  static List<OpenPush> open(Handle tx, UUID project) {
    return tx.createQuery(
            """
            SELECT id, pusher, pusher_id, received_at, replica_id, commands
            FROM push WHERE project_id = :project AND state = 'open' ORDER BY id
            """)
        .bind("project", project)
        .map((row, _) -> openPush(row))
        .list();
  }

  static List<UUID> projectsWithOpenPushes(Handle tx) {
    return tx.createQuery("SELECT DISTINCT project_id FROM push WHERE state = 'open'")
        .mapTo(UUID.class)
        .list();
  }

  static void close(Handle tx, UUID push) {
    tx.createUpdate(
            """
            UPDATE push SET state = CASE
                WHEN EXISTS (SELECT FROM ref_update WHERE push_id = :push) THEN 'recorded'
                ELSE 'refused' END
            WHERE id = :push
            """)
        .bind("push", push)
        .execute();
  }

  /// Keeps every other recorder of the project out until the transaction ends.
  static void lock(Handle tx, UUID project) {
    tx.createQuery("SELECT id FROM project WHERE id = :project FOR NO KEY UPDATE")
        .bind("project", project)
        .mapTo(UUID.class)
        .one();
  }

  static Map<String, String> refs(Handle tx, UUID project) {
    return tx
        .createQuery("SELECT name, sha FROM git_ref WHERE project_id = :project")
        .bind("project", project)
        .map((row, _) -> Map.entry(row.getString("name"), row.getString("sha")))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  static void moveRef(Handle tx, UUID project, String ref, String sha) {
    if (sha.equals(PushCommands.ZERO)) {
      tx.createUpdate("DELETE FROM git_ref WHERE project_id = :project AND name = :ref")
          .bind("project", project)
          .bind("ref", ref)
          .execute();
      return;
    }
    tx.createUpdate(
            """
            INSERT INTO git_ref (project_id, name, sha) VALUES (:project, :ref, :sha)
            ON CONFLICT (project_id, name) DO UPDATE SET sha = excluded.sha
            """)
        .bind("project", project)
        .bind("ref", ref)
        .bind("sha", sha)
        .execute();
  }

  /// The refs that this push is already known to have moved.
  static Set<String> movedBy(Handle tx, UUID push) {
    return new HashSet<>(
        tx.createQuery("SELECT ref FROM ref_update WHERE push_id = :push")
            .bind("push", push)
            .mapTo(String.class)
            .list());
  }

  static void recordUpdate(Handle tx, UUID id, PushPredicate update) {
    tx.createUpdate(
            """
            INSERT INTO ref_update (id, project_id, push_id, ref, before, after, commit_sha, forced,
                                    recovered, commit_count, pusher, pusher_id, pushed_at)
            VALUES (:id, :project, :push, :ref, :before, :after, :commit, :forced, :recovered,
                    :commitCount, :pusher, :pusherId, :at)
            """)
        .bind("id", id)
        .bind("project", update.project())
        .bind("push", update.push())
        .bind("ref", update.ref())
        .bind("before", update.before())
        .bind("after", update.after())
        .bind("commit", update.commit())
        .bind("forced", update.forced())
        .bind("recovered", update.recovered())
        .bind("commitCount", update.commitCount())
        .bind("pusher", update.pusher().name())
        .bind("pusherId", update.pusher().id())
        .bind("at", update.receivedAt())
        .execute();
  }

  /// Records commits that the project has not seen; those that it has keep their first push.
  static void recordCommits(
      Handle tx,
      UUID project,
      @Nullable UUID push,
      Instant pushedAt,
      Collection<CommitRecord> commits) {
    if (commits.isEmpty()) {
      return;
    }
    try (var batch =
        tx.prepareBatch(
            """
            INSERT INTO commit_record (project_id, sha, parents, author_name, author_email,
                authored_at, committer_name, committer_email, committed_at, message,
                first_pushed_at, first_push_id)
            VALUES (:project, :sha, :parents, :authorName, :authorEmail, :authoredAt,
                :committerName, :committerEmail, :committedAt, :message, :pushedAt, :push)
            ON CONFLICT (project_id, sha) DO NOTHING
            """)) {
      for (var commit : commits) {
        batch
            .bind("project", project)
            .bind("sha", commit.sha())
            .bindArray("parents", String.class, commit.parents())
            .bind("authorName", commit.author().name())
            .bind("authorEmail", commit.author().email())
            .bind("authoredAt", commit.author().at())
            .bind("committerName", commit.committer().name())
            .bind("committerEmail", commit.committer().email())
            .bind("committedAt", commit.committer().at())
            .bind("message", commit.message())
            .bind("pushedAt", pushedAt)
            .bind("push", push)
            .add();
      }
      batch.execute();
    }
  }

  private static OpenPush openPush(ResultSet row) throws SQLException {
    return new OpenPush(
        row.getObject("id", UUID.class),
        row.getString("pusher"),
        row.getObject("pusher_id", UUID.class),
        row.getTimestamp("received_at").toInstant(),
        row.getObject("replica_id", UUID.class),
        Json.MAPPER.readValue(
            row.getString("commands"), new TypeReference<List<PushCommands.Command>>() {}));
  }
}
