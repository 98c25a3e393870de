package dev.fairway.cli;

import dev.fairway.workflow.ActionFile;
import dev.fairway.workflow.ActionParser;
import dev.fairway.workflow.LocalActions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds the actions of a repository in its folder, and reads each of them once.
///
/// @param folder the root of the repository, as messages shall show it
/// @param read what has been read, by path
record RepositoryActions(Path folder, Map<Path, ActionFile> read) implements LocalActions {
  private static final List<String> NAMES = List.of("action.yml", "action.yaml");

  RepositoryActions(Path folder) {
    this(folder, new ConcurrentHashMap<>());
  }

  @Override
  public Answer find(String path) {
    var place = folder.resolve(path).normalize();
    for (var name : NAMES) {
      var file = place.resolve(name);
      if (Files.isRegularFile(file)) {
        return new Answer.Found(read.computeIfAbsent(file, RepositoryActions::parse));
      }
    }
    // A Dockerfile alone is an action too, of which nothing is known.
    return Files.isRegularFile(place.resolve("Dockerfile"))
        ? new Answer.Unknown()
        : new Answer.Missing(place.toString().isEmpty() ? "." : place.toString());
  }

  private static ActionFile parse(Path file) {
    return ActionParser.parse(file.toString(), WorkflowFiles.read(file));
  }
}
