package dev.fairway.workflow;

import java.util.List;
import java.util.Map;

/// One entry of `on`.
public sealed interface Trigger {

  /// @param branches and `tags`: a push of a branch must pass the first, of a tag the second; if
  ///   only one of the two has patterns, the other kind does not start the workflow
  record Push(Filter branches, Filter tags, Filter paths) implements Trigger {}

  /// @param activities which ones start it
  record PullRequest(List<String> activities, Filter branches, Filter paths) implements Trigger {
    /// What starts a workflow that names no `types`.
    public static final List<String> DEFAULT_ACTIVITIES =
        List.of("opened", "synchronize", "reopened");

    public PullRequest {
      activities = List.copyOf(activities);
    }
  }

  /// Started by hand, with inputs in the order of the file.
  record Dispatch(Map<String, InputDefinition> inputs) implements Trigger {

    /// Checks what somebody gave against the definitions, and fills in defaults.
    public Inputs check(Map<String, String> given) {
      return Inputs.check(inputs, given);
    }
  }

  /// Called by a job of another workflow; no event starts it this way.
  record Call(CallDefinition definition) implements Trigger {}

  /// Started by the clock, on the default branch.
  record Schedule(List<Cron> times) implements Trigger {
    public Schedule {
      times = List.copyOf(times);
    }
  }

  /// Started by a run of another workflow, on the default branch.
  ///
  /// @param workflows names of those workflows
  /// @param branches of the other run
  record WorkflowRun(List<String> workflows, List<String> activities, Filter branches)
      implements Trigger {
    public WorkflowRun {
      workflows = List.copyOf(workflows);
      activities = List.copyOf(activities);
    }
  }

  /// Started through the API, on the default branch.
  ///
  /// @param types which ones; empty means all
  record RepositoryDispatch(List<String> types) implements Trigger {
    public RepositoryDispatch {
      types = List.copyOf(types);
    }
  }

  /// Started by a release of the project.
  record Release(List<String> activities) implements Trigger {
    public Release {
      activities = List.copyOf(activities);
    }
  }

  /// Started when a deployment is created.
  record Deployment() implements Trigger {}

  /// Started when a deployment changes its state.
  record DeploymentStatus() implements Trigger {}

  /// An event of the language that Fairway never raises.
  record NeverRaised(String event) implements Trigger {}

  default boolean accepts(Event event) {
    return switch (this) {
      case Push push -> event instanceof Event.Push pushed && accepts(push, pushed);
      case PullRequest request ->
          event instanceof Event.PullRequest happened
              && request.activities().contains(happened.activity())
              && request.branches().accepts(happened.baseBranch())
              && happened.changedPaths().map(request.paths()::acceptsAny).orElse(true);
      case Dispatch _ -> event instanceof Event.Dispatch;
      case Schedule schedule ->
          event instanceof Event.Schedule due
              && schedule.times().stream().anyMatch(cron -> cron.toString().equals(due.cron()));
      case WorkflowRun run ->
          event instanceof Event.WorkflowRun happened
              && run.workflows().contains(happened.workflow())
              && run.activities().contains(happened.activity())
              && run.branches().accepts(happened.branch());
      case RepositoryDispatch dispatch ->
          event instanceof Event.RepositoryDispatch happened
              && (dispatch.types().isEmpty() || dispatch.types().contains(happened.type()));
      case Release release ->
          event instanceof Event.Release happened
              && release.activities().contains(happened.activity());
      case Deployment _ -> event instanceof Event.Deployment;
      case DeploymentStatus _ -> event instanceof Event.DeploymentStatus;
      case Call _, NeverRaised _ -> false;
    };
  }

  private static boolean accepts(Push push, Event.Push event) {
    String ref = event.ref();
    if (ref.startsWith("refs/tags/")) {
      // Path filters do not apply to tags: a tag changes no file.
      return push.tags().isEmpty()
          ? push.branches().isEmpty()
          : push.tags().accepts(ref.substring("refs/tags/".length()));
    }
    if (!ref.startsWith("refs/heads/")) {
      return false;
    }
    boolean branch =
        push.branches().isEmpty()
            ? push.tags().isEmpty()
            : push.branches().accepts(ref.substring("refs/heads/".length()));
    return branch && event.changedPaths().map(push.paths()::acceptsAny).orElse(true);
  }
}
