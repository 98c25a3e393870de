package dev.fairway.server.insight;

import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.SourceLimits;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// Tells which commits a deployment brought to production: those in its history that no earlier one
/// held. Merges bring nothing of their own and are left out.
///
/// What a deployment brought never changes once it has ended, so git is asked once for each.
final class Lineage {
  private static final int MAX_REMEMBERED = 4_000;

  /// `git revert` writes such titles; "hotfix" is a marker that people write.
  private static final Pattern REPAIR =
      Pattern.compile("^(revert \"|hotfix\\b).*", Pattern.CASE_INSENSITIVE);

  /// @param authored empty where git has no date
  record Brought(
      String sha, Optional<Instant> authored, Optional<Instant> committed, boolean repair) {}

  /// @param cut whether there are more commits than were read
  record Range(List<Brought> commits, boolean cut) {
    boolean repairs() {
      return commits.stream().anyMatch(Brought::repair);
    }
  }

  private final Database database;
  private final Projects projects;
  private final Map<UUID, Range> remembered = new HashMap<>();

  Lineage(Database database, Projects projects) {
    this.database = database;
    this.projects = projects;
  }

  /// @param earlier the commits of the service's successful deployments before this one
  /// @throws FairwayException where the repository cannot tell
  Range of(HistoryRow deployment, Collection<String> earlier) {
    synchronized (remembered) {
      var known = remembered.get(deployment.id());
      if (known != null) {
        return known;
      }
    }
    var range = read(deployment, earlier);
    synchronized (remembered) {
      if (remembered.size() >= MAX_REMEMBERED) {
        remembered.clear();
      }
      remembered.put(deployment.id(), range);
    }
    return range;
  }

  private Range read(HistoryRow deployment, Collection<String> earlier) {
    var project = database.read(tx -> projects.find(tx, deployment.project()));
    if (project.isEmpty()) {
      return new Range(List.of(), false);
    }
    var commits = projects.repository(project.get()).commitsBeyond(earlier, deployment.commit());
    return new Range(
        commits.stream()
            .filter(commit -> commit.parents().size() <= 1)
            .map(commit ->
                new Brought(
                    commit.sha(),
                    date(commit.author().at()),
                    date(commit.committer().at()),
                    REPAIR.matcher(commit.title()).matches()))
            .toList(),
        commits.size() >= SourceLimits.MAX_COMMITS);
  }

  /// The epoch stands for a date that git could not read.
  private static Optional<Instant> date(Instant at) {
    return at.equals(Instant.EPOCH) ? Optional.empty() : Optional.of(at);
  }

  /// When the server saw these commits first; those that it never saw pushed are missing.
  Map<String, Instant> firstPushes(UUID project, Collection<String> commits) {
    return database.read(tx -> {
      var pushes = new HashMap<String, Instant>();
      tx.createQuery(
              """
              SELECT sha, first_pushed_at FROM commit_record
              WHERE project_id = :project AND sha = ANY(:commits)
              """)
          .bind("project", project)
          .bindArray("commits", String.class, commits.toArray())
          .map((row, _) ->
              Map.entry(
                  row.getString("sha"),
                  row.getObject("first_pushed_at", OffsetDateTime.class).toInstant()))
          .forEach(push -> pushes.put(push.getKey(), push.getValue()));
      return pushes;
    });
  }
}
