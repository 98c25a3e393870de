package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// How an action runs.
public sealed interface ActionRuns {

  /// A program beside the main one, run at the job's begin or end where its condition holds. The
  /// condition decides alone: nothing adds `success()` to it.
  record Hook(String program, Condition condition) {}

  /// Steps that run in place of the one that uses the action.
  record Composite(List<Step> steps) implements ActionRuns {
    public Composite {
      steps = List.copyOf(steps);
    }
  }

  /// Scripts for Node.js.
  ///
  /// @param version the major version that the action is written for
  /// @param main path of the script in the action's folder
  record JavaScript(int version, String main, Optional<Hook> pre, Optional<Hook> post)
      implements ActionRuns {}

  /// A container.
  ///
  /// @param image `docker://IMAGE`, or the path of a Dockerfile in the action's folder
  /// @param entrypoint instead of the image's own
  /// @param args sequence of arguments, with the context `inputs`
  /// @param env variables, with the context `inputs`
  record Container(
      String image,
      Optional<String> entrypoint,
      Tree args,
      Tree env,
      Optional<Hook> pre,
      Optional<Hook> post)
      implements ActionRuns {}
}
