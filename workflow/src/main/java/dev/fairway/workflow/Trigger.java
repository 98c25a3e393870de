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

  default boolean accepts(Event event) {
    return switch (this) {
      case Push push -> event instanceof Event.Push pushed && accepts(push, pushed);
      case PullRequest request ->
          event instanceof Event.PullRequest happened
              && request.activities().contains(happened.activity())
              && request.branches().accepts(happened.baseBranch())
              && happened.changedPaths().map(request.paths()::acceptsAny).orElse(true);
      case Dispatch _ -> event instanceof Event.Dispatch;
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
