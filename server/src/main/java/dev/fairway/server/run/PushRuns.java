package dev.fairway.server.run;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.source.CommitRecord;
import dev.fairway.server.source.FileChanges;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.server.source.PushPredicate;
import dev.fairway.server.source.Repository;
import dev.fairway.workflow.Event;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// Starts runs for what was pushed.
final class PushRuns implements Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(PushRuns.class);

  private final Projects projects;
  private final DefaultWorkflows workflows;
  private final RunStarter starter;

  PushRuns(Projects projects, DefaultWorkflows workflows, RunStarter starter) {
    this.projects = projects;
    this.workflows = workflows;
    this.starter = starter;
  }

  @Override
  public String name() {
    return "run.push";
  }

  @Override
  public Set<PredicateType> types() {
    return Set.of(PredicateType.PUSH);
  }

  @Override
  public void on(Handle tx, LedgerEntry entry) {
    var push = Json.MAPPER.treeToValue(entry.predicate(), PushPredicate.class);
    var project = projects.find(tx, push.project());
    var commit = push.commit();
    if (commit != null && project.isPresent() && push.defaultBranch()) {
      workflows.refresh(tx, project.get());
    }
    if (commit != null && project.isPresent() && !byJob(tx, push)) {
      var repository = projects.repository(project.get());
      try {
        start(tx, project.get(), push, commit, repository);
      } catch (FairwayException e) {
        if (e.code().status() >= 500) {
          throw e;
        }
        // The commit is gone from the repository, or its files exceed a limit: trying again changes
        // nothing, and the pushes behind this one must not wait for it.
        LOG.warn("{} at {} starts no run: {}", push.projectName(), commit, e.getMessage());
      }
    }
  }

  /// What a job pushed starts nothing, so that no workflow goes round in circles.
  private static boolean byJob(Handle tx, PushPredicate push) {
    var pusher = push.pusher().id();
    return pusher != null && JobStore.find(tx, pusher).isPresent();
  }

  private void start(
      Handle tx, Project project, PushPredicate push, String commit, Repository repository) {
    var head = repository.commit(commit);
    if (head.isEmpty()) {
      LOG.warn("{} has no commit {} any more: no run", push.projectName(), commit);
      return;
    }
    var files = WorkflowFiles.at(repository, commit);
    var origin =
        new Origin(
            push.project(),
            push.projectName(),
            "push",
            push.ref(),
            commit,
            push.pusher().name(),
            head.get().title(),
            payload(push, head.get()),
            new Origin.More(project.defaultBranch(), 0));
    starter.onEvent(
        tx, origin, new Event.Push(push.ref(), changedPaths(push, head.get(), repository)), files);
  }

  /// What the push changed: against where the ref was, else what its newest commit changed. Empty
  /// where there are too many to know them all.
  private static Optional<List<String>> changedPaths(
      PushPredicate push, CommitRecord head, Repository repository) {
    var before = push.before();
    var changes =
        before != null && repository.commit(before).isPresent()
            ? repository.changes(before, head.sha())
            : repository.changes(head);
    return Optional.of(changes)
        .filter(Predicate.not(FileChanges::truncated))
        .map(FileChanges::paths);
  }

  private static ObjectNode payload(PushPredicate push, CommitRecord head) {
    var event = Json.MAPPER.createObjectNode();
    event.put("ref", push.ref());
    event.put("before", push.before());
    event.put("after", push.after());
    event.put("created", push.before() == null);
    event.put("deleted", false);
    event.put("forced", push.forced());
    event.putObject("pusher").put("name", push.pusher().name());
    event.putObject("repository").put("name", push.projectName());
    event
        .putObject("head_commit")
        .put("id", head.sha())
        .put("message", head.message())
        .put("timestamp", head.committer().at().toString())
        .putObject("author")
        .put("name", head.author().name())
        .put("email", head.author().email());
    return event;
  }
}
