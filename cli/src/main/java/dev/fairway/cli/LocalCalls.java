package dev.fairway.cli;

import dev.fairway.workflow.CalledWorkflows;
import dev.fairway.workflow.WorkflowReference;
import java.nio.file.Files;
import java.nio.file.Path;

/// Finds the workflows that jobs call in a folder. Those of other repositories are not looked up.
///
/// @param folder the root of the repository
record LocalCalls(Path folder) implements CalledWorkflows {

  /// For a file in `ROOT/.github/workflows` or `ROOT/.fairway/workflows`; for one elsewhere the
  /// root is the working directory.
  static LocalCalls of(Path file) {
    var workflows = file.toAbsolutePath().normalize().getParent();
    for (var name : WorkflowFiles.FOLDERS) {
      if (workflows != null && workflows.endsWith(name)) {
        return new LocalCalls(workflows.resolve("../..").normalize());
      }
    }
    return new LocalCalls(Path.of("").toAbsolutePath());
  }

  @Override
  public Answer find(WorkflowReference uses, String caller) {
    if (!uses.local()) {
      return new Answer.Unknown("workflows of other repositories are not looked up offline");
    }
    var file = folder.resolve(uses.path());
    if (!Files.isRegularFile(file)) {
      return new Answer.Missing("there is no file " + uses.path() + " in " + folder);
    }
    return new Answer.Found(uses.path(), WorkflowFiles.read(file));
  }
}
