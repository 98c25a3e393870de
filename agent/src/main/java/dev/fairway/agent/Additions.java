package dev.fairway.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The variables and folders of the `PATH` that workflow, job and steps have added, for those who
/// come behind. A step beside the others has a copy, and what it adds to that is taken over later.
final class Additions {
  private final Map<String, String> variables = new LinkedHashMap<>();
  private final List<String> paths = new ArrayList<>();

  /// What is not in the one that this is a copy of.
  private final Map<String, String> newVariables = new LinkedHashMap<>();

  private final List<String> newPaths = new ArrayList<>();

  Additions copy() {
    var copy = new Additions();
    copy.variables.putAll(variables);
    copy.paths.addAll(paths);
    return copy;
  }

  void join(Additions copy) {
    addVariables(copy.newVariables);
    addPaths(copy.newPaths);
  }

  Map<String, String> variables() {
    return variables;
  }

  void addVariables(Map<String, String> added) {
    variables.putAll(added);
    newVariables.putAll(added);
  }

  /// The last one added is searched first.
  void addPaths(List<String> added) {
    added.forEach(path -> {
      paths.remove(path);
      paths.addFirst(path);
    });
    newPaths.addAll(added);
  }

  /// Puts the folders before those of these variables.
  void putPaths(Map<String, String> all) {
    if (!paths.isEmpty()) {
      all.merge("PATH", String.join(":", paths), (rest, first) -> first + ":" + rest);
    }
  }
}
