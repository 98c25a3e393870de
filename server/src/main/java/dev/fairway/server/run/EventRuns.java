package dev.fairway.server.run;

import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.evidence.LedgerEntry;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.server.evidence.Subscriber;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import dev.fairway.workflow.Event;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Starts workflows of default branches for everything but pushes. What becomes of releases and
/// deployments it reads from the ledger, like every stage that follows another.
final class EventRuns implements Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(EventRuns.class);
  private static final String PROJECT = "project:";

  private final Projects projects;
  private final DefaultWorkflows workflows;
  private final RunStarter starter;

  EventRuns(Projects projects, DefaultWorkflows workflows, RunStarter starter) {
    this.projects = projects;
    this.workflows = workflows;
    this.starter = starter;
  }

  @Override
  public String name() {
    return "run.delivery";
  }

  @Override
  public Set<PredicateType> types() {
    return Set.of(PredicateType.RELEASE, PredicateType.DEPLOYMENT);
  }

  @Override
  public void on(Handle tx, LedgerEntry entry) {
    var said = entry.predicate();
    var project =
        entry.about().stream()
            .filter(about -> about.startsWith(PROJECT))
            .findFirst()
            .map(about -> UUID.fromString(about.substring(PROJECT.length())));
    if (project.isEmpty()) {
      return;
    }
    if (entry.type() == PredicateType.RELEASE) {
      start(tx, project.get(), "release", new Event.Release("published"), release(said), entry);
      return;
    }
    if (said.path("from").isNull()) {
      start(tx, project.get(), "deployment", new Event.Deployment(), deployment(said), entry);
    }
    start(
        tx, project.get(), "deployment_status", new Event.DeploymentStatus(), status(said), entry);
  }

  private void start(
      Handle tx, UUID id, String name, Event event, ObjectNode payload, LedgerEntry entry) {
    if (DefaultWorkflows.waitFor(tx, id, name)) {
      var commit =
          entry.about().stream()
              .filter(about -> about.startsWith("commit:"))
              .findFirst()
              .map(about -> about.substring("commit:".length()));
      projects
          .find(tx, id)
          .ifPresent(
              project -> start(tx, project, commit, event, payload, entry.actor(), 0, _ -> true));
    }
  }

  /// Starts what waits for an event that was raised.
  void start(Handle tx, Events.Raised raised) {
    var project = projects.find(tx, raised.project());
    if (project.isEmpty()) {
      return;
    }
    var run = Optional.ofNullable(raised.run()).flatMap(id -> RunStore.find(tx, id));
    if (run.isPresent()) {
      var about = run.get();
      start(
          tx,
          project.get(),
          Optional.empty(),
          new Event.WorkflowRun(about.workflowName(), raised.word(), about.shortRef()),
          workflowRun(about, raised.word()),
          raised.actor(),
          RunStore.depth(tx, about.id()) + 1,
          _ -> true);
      return;
    }
    var payload = Json.MAPPER.createObjectNode();
    payload.put("action", raised.word()).put("branch", project.get().defaultBranch());
    payload.set("client_payload", raised.payload());
    start(
        tx,
        project.get(),
        Optional.empty(),
        new Event.RepositoryDispatch(raised.word()),
        payload,
        raised.actor(),
        0,
        _ -> true);
  }

  /// Starts the workflow whose time has come.
  void start(Handle tx, Project project, String path, String cron) {
    var payload = Json.MAPPER.createObjectNode();
    payload.put("schedule", cron);
    start(
        tx,
        project,
        Optional.empty(),
        new Event.Schedule(cron),
        payload,
        "fairway",
        0,
        path::equals);
  }

  /// @param commit at which the files are read; empty for the head of the default branch
  /// @param only which files may start
  private void start(
      Handle tx,
      Project project,
      Optional<String> commit,
      Event event,
      ObjectNode payload,
      String actor,
      int depth,
      Predicate<String> only) {
    try {
      var repository = projects.repository(project);
      var head =
          commit.isEmpty()
              ? workflows.head(project)
              : repository
                  .commit(commit.get())
                  .map(it -> new DefaultWorkflows.Head(it, WorkflowFiles.at(repository, it.sha())));
      head.ifPresent(at ->
          starter.onDefaultBranch(
              tx,
              new Origin(
                  project.id(),
                  project.name(),
                  event.name(),
                  project.defaultRef(),
                  at.commit(),
                  actor,
                  at.title(),
                  payload,
                  new Origin.More(project.defaultBranch(), depth)),
              event,
              at.files(),
              only));
    } catch (FairwayException e) {
      if (e.code().status() >= 500) {
        throw e;
      }
      // Trying again changes nothing, and the events behind this one must not wait for it.
      LOG.warn("{} of {} starts no run: {}", event.name(), project.name(), e.getMessage());
    }
  }

  private static ObjectNode release(JsonNode said) {
    var event = Json.MAPPER.createObjectNode();
    event.put("action", "published");
    event
        .putObject("release")
        .put("id", said.path("releaseId").asString(""))
        .put("name", said.path("purl").asString(""))
        .put("tag_name", said.path("version").asString(""))
        .put("draft", false)
        .put("prerelease", false);
    event.set("fairway", said);
    return event;
  }

  private static ObjectNode deployment(JsonNode said) {
    var event = Json.MAPPER.createObjectNode();
    event.put("action", "created");
    event
        .putObject("deployment")
        .put("id", said.path("deployment").asString(""))
        .put("sha", said.path("commit").asString(""))
        .put("environment", said.path("environment").asString(""))
        .put("task", said.path("kind").asString("").equals("rollback") ? "rollback" : "deploy")
        .put("description", said.path("reason").asString(""));
    event.set("fairway", said);
    return event;
  }

  private static ObjectNode status(JsonNode said) {
    var event = deployment(said);
    event
        .putObject("deployment_status")
        .put("state", state(said.path("state").asString("")))
        .put("environment", said.path("environment").asString(""))
        .put("description", said.path("reason").asString(""));
    return event;
  }

  /// Our states in GitHub's words.
  private static String state(String ours) {
    return switch (ours) {
      case "requested", "waiting_approval" -> "pending";
      case "queued" -> "queued";
      case "starting", "healthy", "switched", "verifying", "rolling_back" -> "in_progress";
      case "succeeded" -> "success";
      case "failed", "rolled_back" -> "failure";
      default -> "inactive";
    };
  }

  private static ObjectNode workflowRun(Run run, String activity) {
    var event = Json.MAPPER.createObjectNode();
    event.put("action", activity);
    event.putObject("workflow").put("name", run.workflowName()).put("path", run.workflowPath());
    var outcome = run.outcome();
    var about =
        event
            .putObject("workflow_run")
            .put("id", run.id().toString())
            .put("name", run.workflowName())
            .put("display_title", run.title())
            .put("path", run.workflowPath())
            .put("event", run.event())
            .put("run_number", run.number())
            .put("run_attempt", run.attempt())
            .put("head_branch", run.shortRef())
            .put("head_sha", run.commit())
            .put("status", activity.equals("completed") ? "completed" : activity)
            .put("conclusion", outcome == null ? null : conclusion(outcome.word()))
            .put("created_at", run.createdAt().toString());
    about.putObject("actor").put("login", run.actor());
    about.putObject("head_commit").put("id", run.commit());
    return event;
  }

  private static String conclusion(String outcome) {
    return outcome.equals("error") ? "failure" : outcome;
  }
}
