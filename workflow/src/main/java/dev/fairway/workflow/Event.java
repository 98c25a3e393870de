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

  /// What `github.event_name` calls it.
  default String name() {
    return switch (this) {
      case Push _ -> "push";
      case PullRequest _ -> "pull_request";
      case Dispatch _ -> "workflow_dispatch";
    };
  }
}
