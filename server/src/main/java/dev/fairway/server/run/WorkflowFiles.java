package dev.fairway.server.run;

import dev.fairway.server.source.Repository;
import java.util.List;
import java.util.SequencedMap;

/// Where workflows stand in a repository.
final class WorkflowFiles {
  private static final List<String> FOLDERS = List.of(".github/workflows", ".fairway/workflows");

  private WorkflowFiles() {}

  /// The text of every workflow at the commit, by path.
  static SequencedMap<String, String> at(Repository repository, String commit) {
    return repository.texts(
        commit, FOLDERS, name -> name.endsWith(".yml") || name.endsWith(".yaml"));
  }
}
