package dev.fairway.cli;

import dev.fairway.agent.JsonValues;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.workflow.Event;
import dev.fairway.workflow.Trigger;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a local run pretends to have happened: an event of the language about the commit that is
/// checked out, with what it says by itself or as a file says.
///
/// @param payload `github.event`
record LocalEvent(String name, ObjectNode payload, LocalSource source) {
  static final List<String> NAMES =
      List.of(
          "push",
          "pull_request",
          "workflow_dispatch",
          "schedule",
          "workflow_run",
          "repository_dispatch",
          "release",
          "deployment",
          "deployment_status");

  /// @param file what the user's file says; where it is empty the event says the usual
  static LocalEvent of(String name, Optional<JsonNode> file, LocalSource source) {
    if (!NAMES.contains(name)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The event " + name + " is not raised here",
          "Use one of " + String.join(", ", NAMES) + ".");
    }
    if (file.isPresent()) {
      if (file.get() instanceof ObjectNode payload) {
        return new LocalEvent(name, payload, source);
      }
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The event file holds no JSON object", "");
    }
    return new LocalEvent(name, usual(name, source), source);
  }

  private static ObjectNode usual(String name, LocalSource source) {
    var payload = Json.MAPPER.createObjectNode();
    payload.putObject("repository").put("name", source.name()).put("full_name", source.name());
    payload.putObject("sender").put("login", source.actor());
    switch (name) {
      case "push" -> payload.put("ref", source.ref()).put("after", source.sha());
      case "pull_request" -> {
        payload.put("action", "synchronize").put("number", 1);
        var request = payload.putObject("pull_request").put("number", 1);
        request.putObject("head").put("ref", source.branch()).put("sha", source.sha());
        request.putObject("base").put("ref", source.defaultBranch());
      }
      case "workflow_dispatch" -> payload.put("ref", source.ref());
      case "workflow_run" -> payload.put("action", "completed");
      case "release" -> payload.put("action", "published");
      default -> {}
    }
    return payload;
  }

  /// Whether it starts this workflow. What it does not say itself (the time of a schedule, the name
  /// of the other workflow, the type of a dispatch) is as the workflow wants it.
  boolean starts(Workflow workflow) {
    return workflow.triggers().stream()
        .anyMatch(trigger -> event(trigger).filter(trigger::accepts).isPresent());
  }

  private Optional<Event> event(Trigger trigger) {
    return Optional.ofNullable(
        switch (trigger) {
          case Trigger.Push _ when name.equals("push") ->
              new Event.Push(text(source.ref(), "ref"), Optional.empty());
          case Trigger.PullRequest _ when name.equals("pull_request") ->
              new Event.PullRequest(
                  text("synchronize", "action"),
                  text(source.defaultBranch(), "pull_request", "base", "ref"),
                  Optional.empty());
          case Trigger.Dispatch _ when name.equals("workflow_dispatch") -> new Event.Dispatch();
          case Trigger.Schedule schedule when name.equals("schedule") ->
              new Event.Schedule(text(first(schedule.times()), "schedule"));
          case Trigger.WorkflowRun run when name.equals("workflow_run") ->
              new Event.WorkflowRun(
                  text(first(run.workflows()), "workflow_run", "name"),
                  text("completed", "action"),
                  text(source.branch(), "workflow_run", "head_branch"));
          case Trigger.RepositoryDispatch dispatch when name.equals("repository_dispatch") ->
              new Event.RepositoryDispatch(text(first(dispatch.types()), "action"));
          case Trigger.Release _ when name.equals("release") ->
              new Event.Release(text("published", "action"));
          case Trigger.Deployment _ when name.equals("deployment") -> new Event.Deployment();
          case Trigger.DeploymentStatus _ when name.equals("deployment_status") ->
              new Event.DeploymentStatus();
          case Trigger.Push _,
              Trigger.PullRequest _,
              Trigger.Dispatch _,
              Trigger.Call _,
              Trigger.Schedule _,
              Trigger.WorkflowRun _,
              Trigger.RepositoryDispatch _,
              Trigger.Release _,
              Trigger.Deployment _,
              Trigger.DeploymentStatus _,
              Trigger.NeverRaised _ ->
              null;
        });
  }

  private static String first(List<?> wanted) {
    return wanted.isEmpty() ? "" : wanted.getFirst().toString();
  }

  private String text(String otherwise, String... path) {
    JsonNode node = payload;
    for (var name : path) {
      node = node.path(name);
    }
    return node.asString(otherwise);
  }

  /// What the `github` context says about it.
  Value.Obj github() {
    var ref = name.equals("push") ? text(source.ref(), "ref") : source.ref();
    var tag = ref.startsWith("refs/tags/");
    var github = new LinkedHashMap<String, String>();
    github.put("sha", source.sha());
    github.put("ref", ref);
    github.put("ref_name", ref.replaceFirst("^refs/(heads|tags)/", ""));
    github.put("ref_type", tag ? "tag" : "branch");
    github.put("repository", source.name());
    github.put("repository_owner", source.actor());
    github.put("actor", source.actor());
    github.put("triggering_actor", source.actor());
    github.put("event_name", name);
    if (name.equals("pull_request")) {
      github.put("head_ref", text(source.branch(), "pull_request", "head", "ref"));
      github.put("base_ref", text(source.defaultBranch(), "pull_request", "base", "ref"));
    }
    return Value.ofStrings(Map.copyOf(github)).with("event", JsonValues.value(payload));
  }
}
