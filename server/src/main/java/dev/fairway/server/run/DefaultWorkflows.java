package dev.fairway.server.run;

import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.Repository;
import dev.fairway.workflow.Cron;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What the workflows of a project's default branch wait for. It follows every push of that branch.
public final class DefaultWorkflows {
  private final Projects projects;
  private final InstantSource clock;

  DefaultWorkflows(Projects projects, InstantSource clock) {
    this.projects = projects;
    this.clock = clock;
  }

  /// A project's default branch as it is now.
  record Head(CommitRecord record, SequencedMap<String, String> files) {
    String commit() {
      return record.sha();
    }

    String title() {
      return record.title();
    }
  }

  /// The head of the default branch; empty where there is none yet.
  Optional<Head> head(Project project) {
    var repository = projects.repository(project);
    return repository
        .head(project.defaultRef())
        .map(commit -> new Head(commit, WorkflowFiles.at(repository, commit.sha())));
  }

  /// What stands at a commit; empty where there is none.
  static Optional<Head> at(Repository repository, String sha) {
    return repository
        .commit(sha)
        .map(commit -> new Head(commit, WorkflowFiles.at(repository, sha)));
  }

  /// Reads them again where another commit, or none, was read. One at a time does so, and sees what
  /// the branch is then: an older state never comes after a newer one.
  void refresh(Handle tx, Project project) {
    refresh(tx, project, Optional.empty());
  }

  /// @param ready a commit that was read before, should it be the one
  void refresh(Handle tx, Project project, Optional<Head> ready) {
    tx.createUpdate(
            """
            INSERT INTO default_workflows (project_id, commit_sha, events)
            VALUES (:project, '', '{}') ON CONFLICT DO NOTHING
            """)
        .bind("project", project.id())
        .execute();
    var known =
        tx.createQuery(
                "SELECT commit_sha FROM default_workflows WHERE project_id = :project FOR UPDATE")
            .bind("project", project.id())
            .mapTo(String.class)
            .one();
    var repository = projects.repository(project);
    repository
        .commitOf(project.defaultRef())
        .filter(commit -> !commit.equals(known))
        .flatMap(commit ->
            ready.filter(head -> head.commit().equals(commit)).or(() -> at(repository, commit)))
        .ifPresent(head -> store(tx, project, head));
  }

  private void store(Handle tx, Project project, Head head) {
    var events = new TreeSet<String>();
    var wanted = new ArrayList<Row>();
    head.files()
        .forEach((path, text) -> {
          if (WorkflowParser.parse(path, text) instanceof ParseResult.Valid valid) {
            events.addAll(events(valid.workflow()));
            valid.workflow().schedule().forEach(cron -> wanted.add(new Row(path, cron)));
          }
        });
    tx.createUpdate(
            """
            UPDATE default_workflows SET commit_sha = :commit, events = :events
            WHERE project_id = :project
            """)
        .bind("project", project.id())
        .bind("commit", head.commit())
        .bindArray("events", String.class, List.copyOf(events))
        .execute();
    schedule(tx, project.id(), wanted);
  }

  private record Row(String path, Cron cron) {
    String key() {
      return path + " " + cron.zone() + " " + cron;
    }
  }

  /// What stays keeps its next time, so that a push neither skips nor repeats one.
  private void schedule(Handle tx, UUID project, List<Row> wanted) {
    var kept = new HashSet<String>();
    wanted.forEach(row -> kept.add(row.key()));
    tx.createUpdate(
            """
            DELETE FROM schedule
            WHERE project_id = :project
              AND NOT (workflow_path || ' ' || zone || ' ' || cron = ANY (:kept))
            """)
        .bind("project", project)
        .bindArray("kept", String.class, List.copyOf(kept))
        .execute();
    for (var row : wanted) {
      row.cron()
          .next(clock.instant())
          .ifPresent(next ->
              tx.createUpdate(
                      """
                      INSERT INTO schedule (project_id, workflow_path, cron, zone, next_at)
                      VALUES (:project, :path, :cron, :zone, :next)
                      ON CONFLICT DO NOTHING
                      """)
                  .bind("project", project)
                  .bind("path", row.path())
                  .bind("cron", row.cron().toString())
                  .bind("zone", row.cron().zone().getId())
                  .bind("next", next)
                  .execute());
    }
  }

  private static Set<String> events(Workflow workflow) {
    var events = new TreeSet<String>();
    for (var trigger : workflow.triggers()) {
      switch (trigger) {
        case Trigger.WorkflowRun _ -> events.add("workflow_run");
        case Trigger.RepositoryDispatch _ -> events.add("repository_dispatch");
        case Trigger.Release _ -> events.add("release");
        case Trigger.Deployment _ -> events.add("deployment");
        case Trigger.DeploymentStatus _ -> events.add("deployment_status");
        case Trigger.Push _,
            Trigger.PullRequest _,
            Trigger.Dispatch _,
            Trigger.Call _,
            Trigger.Schedule _,
            Trigger.NeverRaised _ -> {}
      }
    }
    return events;
  }

  /// Whether a workflow of the project waits for that event.
  static boolean waitFor(Handle tx, UUID project, String event) {
    return tx.createQuery(
            """
            SELECT EXISTS (
              SELECT FROM default_workflows WHERE project_id = :project AND :event = ANY (events)
            )
            """)
        .bind("project", project)
        .bind("event", event)
        .mapTo(Boolean.class)
        .one();
  }

  /// What the clock starts, for the page of a project.
  ///
  /// @param missed how many times passed while no server looked
  public record Line(String path, String cron, String zone, Instant next, long missed) {}

  static List<Line> schedules(Handle tx, UUID project) {
    return tx.createQuery(
            """
            SELECT workflow_path, cron, zone, next_at, missed FROM schedule
            WHERE project_id = :project ORDER BY next_at, workflow_path, cron
            """)
        .bind("project", project)
        .map((row, _) ->
            new Line(
                row.getString("workflow_path"),
                row.getString("cron"),
                row.getString("zone"),
                Columns.instant(row, "next_at"),
                row.getLong("missed")))
        .list();
  }
}
