package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.ApprovalRules.Involved;
import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.SourceLimits;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Finds out what a release changes for an environment, and who had a hand in it.
final class Participants {
  private final Projects projects;

  Participants(Projects projects) {
    this.projects = projects;
  }

  /// What the release adds to what the environment runs now.
  ///
  /// @param since the release that it replaces; null where there is none
  /// @param commits the newest first
  record Addition(@Nullable Release since, List<CommitRecord> commits) {
    Addition {
      commits = List.copyOf(commits);
    }

    /// Whether there are more commits than were listed.
    boolean truncated() {
      return commits.size() >= SourceLimits.MAX_COMMITS;
    }
  }

  Addition addition(Handle tx, Release release, String environment) {
    var since =
        DeploymentStore.serving(tx, environment, release.service())
            .flatMap(serving -> ReleaseStore.published(tx, serving.releaseId()))
            .orElse(null);
    return new Addition(since, commits(tx, release, since));
  }

  private List<CommitRecord> commits(Handle tx, Release release, @Nullable Release since) {
    var project = projects.find(tx, release.projectId()).orElseThrow();
    return projects
        .repository(project)
        .commits(since == null ? null : since.commit(), release.commit());
  }

  /// Authors and committers of those commits, and whoever pushed one of them or put it at the head
  /// of a branch.
  ///
  /// @throws FairwayException TOO_LARGE where there are too many commits to be sure of everybody
  Involved involved(Handle tx, Release release, Addition addition) {
    if (addition.truncated() && addition.since() != null) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The change has "
              + SourceLimits.MAX_COMMITS
              + " commits or more: it cannot be said who had no hand in it",
          "Deliver it in smaller steps.");
    }
    var users = new HashSet<UUID>();
    var emails = new HashSet<String>();
    var names = new HashSet<String>();
    for (var commit : addition.commits()) {
      for (var signature : List.of(commit.author(), commit.committer())) {
        emails.add(signature.email());
        names.add(signature.name());
      }
    }
    for (var pusher : pushers(tx, release.projectId(), addition.commits())) {
      names.add(pusher.name());
      if (pusher.id() != null) {
        users.add(pusher.id());
      }
    }
    return new Involved(users, emails, names);
  }

  /// Who pushed those commits, by name.
  List<String> pusherNames(Handle tx, UUID project, List<CommitRecord> commits) {
    return pushers(tx, project, commits).stream().map(Pusher::name).distinct().sorted().toList();
  }

  private record Pusher(String name, @Nullable UUID id) {}

  private static List<Pusher> pushers(Handle tx, UUID project, List<CommitRecord> commits) {
    return tx.createQuery(
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
        .bindArray("commits", String.class, commits.stream().map(CommitRecord::sha).toList())
        .map((row, _) -> new Pusher(row.getString("pusher"), Columns.idOrNull(row, "pusher_id")))
        .list();
  }
}
