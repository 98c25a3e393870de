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
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// Starts runs for what was pushed.
final class PushRuns implements Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(PushRuns.class);

  private final Projects projects;
  private final DefaultWorkflows workflows;
  private final RunStarter starter;
  private volatile @Nullable Brought brought;

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

  /// What a push brought. A commit never changes, so it may be read before it is acted on.
  private record Brought(UUID entry, DefaultWorkflows.Head head, Optional<List<String>> changed) {}

  @Override
  public boolean prepares() {
    return true;
  }

  @Override
  public void prepare(LedgerEntry entry) {
    var push = Json.MAPPER.treeToValue(entry.predicate(), PushPredicate.class);
    try {
      brought =
          projects
              .named(push.projectName())
              .filter(project -> project.id().equals(push.project()))
              .flatMap(project -> read(entry, push, projects.repository(project)))
              .orElse(null);
    } catch (FairwayException e) {
      LOG.debug("{} is read again: {}", push.projectName(), e.getMessage());
    }
  }

  private static Optional<Brought> read(
      LedgerEntry entry, PushPredicate push, Repository repository) {
    return Optional.ofNullable(push.commit())
        .flatMap(commit -> DefaultWorkflows.at(repository, commit))
        .map(head ->
            new Brought(
                entry.id(),
                head,
                head.files().values().stream().anyMatch(PushRuns::mayFilterPaths)
                    ? changedPaths(push, head.record(), repository)
                    : Optional.empty()));
  }

  @Override
  public void on(Handle tx, LedgerEntry entry) {
    var push = Json.MAPPER.treeToValue(entry.predicate(), PushPredicate.class);
    var project = projects.find(tx, push.project());
    var commit = push.commit();
    if (commit == null || project.isEmpty()) {
      return;
    }
    var ready = Optional.ofNullable(brought).filter(it -> it.entry().equals(entry.id()));
    if (push.defaultBranch()) {
      workflows.refresh(tx, project.get(), ready.map(Brought::head));
    }
    if (!byJob(tx, push)) {
      try {
        ready
            .or(() -> read(entry, push, projects.repository(project.get())))
            .ifPresentOrElse(
                it -> start(tx, project.get(), push, it),
                () -> LOG.warn("{} has no commit {} any more: no run", push.projectName(), commit));
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

  private void start(Handle tx, Project project, PushPredicate push, Brought brought) {
    var head = brought.head().record();
    var origin =
        new Origin(
            push.project(),
            push.projectName(),
            "push",
            push.ref(),
            head.sha(),
            push.pusher().name(),
            head.title(),
            payload(push, head),
            new Origin.More(project.defaultBranch(), 0));
    starter.onEvent(
        tx, origin, new Event.Push(push.ref(), brought.changed()), brought.head().files());
  }

  /// Most workflows do not ask what was changed, and need not wait until git has looked. YAML can
  /// write every letter of a key as an escape.
  private static boolean mayFilterPaths(String workflow) {
    return workflow.contains("paths") || workflow.contains("\\");
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
