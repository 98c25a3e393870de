package dev.fairway.agent;

import dev.fairway.workflow.ActionDefinition;
import dev.fairway.workflow.EvaluationException;
import java.nio.file.Path;
import java.util.function.Supplier;

/// An action whose code is on this machine.
///
/// @param file that defines it, as people know it
/// @param folder with its files; the job can read it
/// @param root the folder that `folder` and all that the action needs lies in
/// @param repository `owner/name`; empty for an action of the workspace
/// @param ref as the workflow names it; empty for an action of the workspace
record ActionCode(
    ActionDefinition definition,
    String file,
    Path folder,
    Path root,
    String repository,
    String ref) {
  /// Evaluates what its file says.
  <T> T placed(Supplier<T> said) {
    return EvaluationException.within(file, said);
  }
}
