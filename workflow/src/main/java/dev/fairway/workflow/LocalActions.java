package dev.fairway.workflow;

/// Looks up the actions of the repository that steps use, for [WorkflowLint]. Whoever has no files
/// at hand knows of none.
@FunctionalInterface
public interface LocalActions {

  /// Nobody can look: what steps give to such actions is not checked.
  LocalActions UNKNOWN = _ -> new Answer.Unknown();

  /// What was found.
  sealed interface Answer {
    record Found(ActionFile file) implements Answer {}

    /// There is no such action in the repository; a step may still put one into the workspace.
    ///
    /// @param path where it would be
    record Missing(String path) implements Answer {}

    record Unknown() implements Answer {}
  }

  /// @param path of the action's folder in the repository
  Answer find(String path);
}
