package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// What happened in a repository, as far as triggers look at it.
public sealed interface Event {

  /// A branch or a tag moved.
  ///
  /// @param ref in full, `refs/heads/main` or `refs/tags/v1`
  /// @param changedPaths from the repository's root; empty if they are not known, and then path
  ///   filters let the event pass
  record Push(String ref, Optional<List<String>> changedPaths) implements Event {
    public Push {
      changedPaths = changedPaths.map(List::copyOf);
    }
  }

  /// Something happened to a proposed change.
  ///
  /// @param activity `opened`, `synchronize`, `reopened` and so on
  /// @param baseBranch the short name of the branch that it wants to go to
  record PullRequest(String activity, String baseBranch, Optional<List<String>> changedPaths)
      implements Event {
    public PullRequest {
      changedPaths = changedPaths.map(List::copyOf);
    }
  }

  /// Somebody started the workflow by hand.
  record Dispatch() implements Event {}

  /// A schedule fell due.
  ///
  /// @param cron as the workflow writes it
  record Schedule(String cron) implements Event {}

  /// Another workflow's run came to a new state.
  ///
  /// @param workflow its name
  /// @param activity `requested`, `in_progress` or `completed`
  /// @param branch of that run
  record WorkflowRun(String workflow, String activity, String branch) implements Event {}

  /// Somebody sent an event of their own through the API.
  record RepositoryDispatch(String type) implements Event {}

  /// A release was made.
  ///
  /// @param activity `published` and so on
  record Release(String activity) implements Event {}

  /// A deployment was created.
  record Deployment() implements Event {}

  /// A deployment came to a new state.
  record DeploymentStatus() implements Event {}

  /// What `github.event_name` calls it.
  default String name() {
    return switch (this) {
      case Push _ -> "push";
      case PullRequest _ -> "pull_request";
      case Dispatch _ -> "workflow_dispatch";
      case Schedule _ -> "schedule";
      case WorkflowRun _ -> "workflow_run";
      case RepositoryDispatch _ -> "repository_dispatch";
      case Release _ -> "release";
      case Deployment _ -> "deployment";
      case DeploymentStatus _ -> "deployment_status";
    };
  }
}
