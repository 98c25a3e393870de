package dev.fairway.server.delivery;

import dev.fairway.server.delivery.ApprovalRules.Involved;
import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.Repository;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Finds out what a release or a job changes for an environment, and who had a hand in it.
final class Participants {
  /// So many answers of git are remembered: pages ask for the same ones again and again, and what
  /// lies between two commits never changes.
  private static final int REMEMBERED = 256;

  private final Projects projects;
  private final Map<Between, CommitRange> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Between, CommitRange> eldest) {
          return size() > REMEMBERED;
        }
      };

  Participants(Projects projects) {
    this.projects = projects;
  }

  private record Between(UUID project, @Nullable String before, String after) {}

  /// What a release changes for an environment.
  ///
  /// @param base the commit that it is compared with; null where there is none
  /// @param added what the release has and the one before has not
  /// @param takenBack what the one before has and the release has not: it is older, or of another
  ///   line
  /// @param itself the release's own commit where it is not among those added
  record Change(
      @Nullable String base, CommitRange added, CommitRange takenBack, CommitRange itself) {
    /// Whether there are too many commits to be sure of everybody. The first release of all is the
    /// whole history: its latest commits have to do.
    private boolean incomplete() {
      return base != null && (added.truncated() || takenBack.truncated());
    }

    private List<String> shas() {
      return Stream.of(added, takenBack, itself).flatMap(it -> it.shas().stream()).toList();
    }
  }

  Change change(Handle tx, Release release, String environment) {
    var since =
        DeploymentStore.serving(tx, environment, release.service())
            .flatMap(serving -> ReleaseStore.published(tx, serving.releaseId()))
            .orElse(null);
    return change(tx, release.projectId(), since == null ? null : since.commit(), release.commit());
  }

  /// What a commit of a project changes where another one was before.
  ///
  /// @param before null where none was
  Change change(Handle tx, UUID project, @Nullable String before, String commit) {
    var repository = projects.repository(projects.find(tx, project).orElseThrow());
    var added = between(repository, new Between(project, before, commit));
    return new Change(
        before,
        added,
        before == null
            ? CommitRange.NONE
            : between(repository, new Between(project, commit, before)),
        added.shas().contains(commit)
            ? CommitRange.NONE
            : CommitRange.of(repository.commit(commit).stream().toList()));
  }

  private CommitRange between(Repository repository, Between key) {
    synchronized (remembered) {
      var known = remembered.get(key);
      if (known != null) {
        return known;
      }
    }
    var range = CommitRange.of(repository.commits(key.before(), key.after()));
    synchronized (remembered) {
      remembered.put(key, range);
    }
    return range;
  }

  /// Authors, co-authors and committers of those commits, and whoever pushed one of them or put it
  /// at the head of a branch.
  Involved involved(Handle tx, UUID project, Change change) {
    var users = new HashSet<UUID>();
    var emails = new HashSet<String>();
    var names = new HashSet<String>();
    for (var range : List.of(change.added(), change.takenBack(), change.itself())) {
      emails.addAll(range.emails());
      names.addAll(range.names());
    }
    for (var pusher : pushers(tx, project, change.shas())) {
      names.add(pusher.name());
      if (pusher.id() != null) {
        users.add(pusher.id());
      }
    }
    return new Involved(users, emails, names, !change.incomplete());
  }

  /// Who pushed those commits, by name.
  List<String> pusherNames(Handle tx, UUID project, List<CommitRecord> commits) {
    var shas = commits.stream().map(CommitRecord::sha).toList();
    return pushers(tx, project, shas).stream().map(Pusher::name).sorted().distinct().toList();
  }

  private record Pusher(String name, @Nullable UUID id) {}

  private static Set<Pusher> pushers(Handle tx, UUID project, List<String> commits) {
    return Set.copyOf(
        tx.createQuery(
                """
                SELECT p.pusher, p.pusher_id
                FROM commit_record c JOIN push p ON p.id = c.first_push_id
                WHERE c.project_id = :project AND c.sha = ANY (:commits)
                UNION
                SELECT u.pusher, u.pusher_id
                FROM ref_update u
                WHERE u.project_id = :project AND u.commit_sha = ANY (:commits)
                """)
            .bind("project", project)
            .bindArray("commits", String.class, commits)
            .map(
                (row, _) -> new Pusher(row.getString("pusher"), Columns.idOrNull(row, "pusher_id")))
            .list());
  }
}
