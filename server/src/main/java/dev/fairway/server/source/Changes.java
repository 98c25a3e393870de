package dev.fairway.server.source;

import dev.fairway.api.Listing;
import dev.fairway.server.http.ListRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.jspecify.annotations.Nullable;

/// Who changed what, and when: the record of pushes.
public final class Changes {
  /// Who first pushed a commit, and when.
  public record FirstPush(Instant at, String pusher, @Nullable UUID pusherId) {}

  private Changes() {}

  /// Changes, newest first.
  ///
  /// @param project only that one's; all where it is null
  public static Listing<Change> list(Handle tx, @Nullable UUID project, ListRequest wanted) {
    return wanted.cut(newest(tx, project, wanted.afterId(), wanted.fetch()), Change::id);
  }

  /// The newest changes of a project.
  static List<Change> newest(Handle tx, UUID project, int limit) {
    return newest(tx, project, null, limit);
  }

  private static List<Change> newest(
      Handle tx, @Nullable UUID project, @Nullable UUID after, int limit) {
    return tx.createQuery(
            """
            SELECT u.id, u.project_id, p.name AS project, u.ref, u.before, u.after,
                   u.commit_sha AS commit, u.forced, u.recovered, u.commit_count, u.pusher,
                   u.pushed_at, split_part(c.message, E'\\n', 1) AS title, c.author_name AS author
            FROM ref_update u
            JOIN project p ON p.id = u.project_id
            LEFT JOIN commit_record c ON c.project_id = u.project_id AND c.sha = u.commit_sha
            WHERE (CAST(:project AS uuid) IS NULL OR u.project_id = :project)
              AND (CAST(:after AS uuid) IS NULL OR u.id < :after)
            ORDER BY u.id DESC
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("after", after)
        .bind("limit", limit)
        .map(ConstructorMapper.of(Change.class))
        .list();
  }

  /// The changes that put that commit at the head of a branch or tag, newest first.
  public static List<Change> ofCommit(Handle tx, UUID project, String commit, int limit) {
    return tx.createQuery(
            """
            SELECT u.id, u.project_id, p.name AS project, u.ref, u.before, u.after,
                   u.commit_sha AS commit, u.forced, u.recovered, u.commit_count, u.pusher,
                   u.pushed_at, split_part(c.message, E'\\n', 1) AS title, c.author_name AS author
            FROM ref_update u
            JOIN project p ON p.id = u.project_id
            LEFT JOIN commit_record c ON c.project_id = u.project_id AND c.sha = u.commit_sha
            WHERE u.project_id = :project AND u.commit_sha = :commit
            ORDER BY u.id DESC
            LIMIT :limit
            """)
        .bind("project", project)
        .bind("commit", commit)
        .bind("limit", limit)
        .map(ConstructorMapper.of(Change.class))
        .list();
  }

  /// The commit at the head of the project's default branch; empty where nothing was pushed yet.
  public static Optional<String> head(Handle tx, Project project) {
    return tx.createQuery("SELECT sha FROM git_ref WHERE project_id = :project AND name = :ref")
        .bind("project", project.id())
        .bind("ref", project.defaultRef())
        .mapTo(String.class)
        .findOne();
  }

  /// When a commit first came to the project, on any branch; empty where that is not known.
  public static Optional<FirstPush> firstPush(Handle tx, UUID project, String commit) {
    return tx.createQuery(
            """
            SELECT c.first_pushed_at AS at, COALESCE(p.pusher, 'unknown') AS pusher, p.pusher_id
            FROM commit_record c LEFT JOIN push p ON p.id = c.first_push_id
            WHERE c.project_id = :project AND c.sha = :commit
            """)
        .bind("project", project)
        .bind("commit", commit)
        .map(ConstructorMapper.of(FirstPush.class))
        .findOne();
  }
}
