package dev.fairway.server.run;

import dev.fairway.server.source.Repository;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Where workflows stand in a repository.
final class WorkflowFiles {
  private static final List<String> FOLDERS = List.of(".github/workflows", ".fairway/workflows");

  private WorkflowFiles() {}

  /// The text of every workflow at the commit, by path.
  static SequencedMap<String, String> at(Repository repository, String commit) {
    var files = new LinkedHashMap<String, String>();
    for (var folder : FOLDERS) {
      for (var path : repository.files(commit, folder)) {
        if (named(path, folder)) {
          repository.text(commit, path).ifPresent(text -> files.put(path, text));
        }
      }
    }
    return files;
  }

  private static boolean named(String path, String folder) {
    var name = path.substring(folder.length() + 1);
    return !name.contains("/") && (name.endsWith(".yml") || name.endsWith(".yaml"));
  }
}
