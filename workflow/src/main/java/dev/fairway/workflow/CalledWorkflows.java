package dev.fairway.workflow;

/// Looks up the workflows that jobs call, for [WorkflowParser]. The parser asks once per reference
/// of a file; it does no I/O itself.
@FunctionalInterface
public interface CalledWorkflows {

  /// Nobody can look: calls are accepted unseen, with a warning.
  CalledWorkflows UNKNOWN =
      (_, _) -> new Answer.Unknown("nothing outside this file is looked up here");

  /// What was found.
  sealed interface Answer {
    /// @param file its name, unique for this text: messages show it, and it comes back as `caller`
    ///   for what the workflow calls itself; the path for a workflow of the repository itself, the
    ///   reference for one of another repository
    record Found(String file, String text) implements Answer {}

    /// There is none, or it may not be called.
    ///
    /// @param reason a sentence
    record Missing(String reason) implements Answer {}

    /// It cannot be looked up from here.
    ///
    /// @param reason why
    record Unknown(String reason) implements Answer {}
  }

  /// What a job may do about which the workflow that is started says nothing: it bounds what that
  /// calls.
  default Permissions standard() {
    return Permissions.DEFAULT;
  }

  /// @param caller the file that calls, as it was named to the parser or in [Answer.Found]
  Answer find(WorkflowReference uses, String caller);
}
