package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `cache` of the setup actions: what a package manager has downloaded is restored, and saved when
/// the job has succeeded, under a key that the files with the dependencies make up.
///
/// @param inputs of the setup action
/// @param variables by which the package manager is found
/// @param saving saves at the job's end
record SetupCache(
    ActionInputs inputs, Turn.Scene scene, Map<String, String> variables, Saving saving) {
  private static final int MAX_ANSWER_BYTES = 4096;

  interface Saving {
    void later(ActionInputs inputs, CacheAction.Restored done);
  }

  /// The one that `cache` names.
  Optional<PackageManager> manager(List<PackageManager> known) {
    var word = inputs.text("cache", "");
    var named = known.stream().filter(one -> one.word().equals(word)).findFirst();
    if (named.isEmpty() && !word.isEmpty()) {
      throw inputs.refused(
          "cache",
          "must be one of "
              + known.stream().map(PackageManager::word).collect(Collectors.joining(", ")));
    }
    return named;
  }

  /// @param base what keys begin with
  /// @param older whether what other files with dependencies have left is better than nothing
  Action.Result restore(PackageManager manager, String base, boolean older, Stop stop)
      throws IOException, InterruptedException {
    var hash = hash(manager);
    var prefix = base + "-" + manager.word() + "-";
    var values = new HashMap<>(Map.of("path", paths(manager, stop), "key", prefix + hash));
    if (older) {
      values.put("restore-keys", prefix);
    }
    var cache = new ActionInputs(inputs.action(), values);
    return new CacheAction(cache, withoutOutputs())
        .restore(
            BuiltinAction.CACHE,
            done -> {
              scene.outputs().put("cache-hit", Boolean.toString(done.exactly()));
              saving.later(cache, done);
            })
        .run(stop);
  }

  /// What `actions/cache` has for its users is none of the setup action's outputs.
  private Turn.Scene withoutOutputs() {
    return new Turn.Scene(
        scene.scope(),
        scene.spot(),
        scene.contexts(),
        scene.own(),
        scene.variables(),
        new HashMap<>());
  }

  private String hash(PackageManager manager) {
    var job = scene.scope().job();
    var hasher = new WorkspaceHasher(job.workspace(), job.parts().folder().work());
    var asked = inputs.text("cache-dependency-path", "");
    var patterns = asked.isEmpty() ? manager.locks() : List.of(asked);
    return patterns.stream()
        .map(lines -> hasher.hash(lines.lines().toList()))
        .filter(hash -> !hash.isEmpty())
        .findFirst()
        .orElseThrow(() ->
            inputs.refused(
                "cache",
                "needs a file that says what is downloaded, and there is none in the workspace that"
                    + " matches "
                    + patterns.stream().flatMap(String::lines).collect(Collectors.joining(", "))
                    + ". Does a step with actions/checkout come before this one?"));
  }

  private String paths(PackageManager manager, Stop stop) throws IOException, InterruptedException {
    return switch (manager.kept()) {
      case PackageManager.Kept.Paths(var lines) -> lines;
      case PackageManager.Kept.Asked(var command) -> {
        var said =
            new JobShell(scene.scope().job(), variables)
                .answer(command, MAX_ANSWER_BYTES, stop)
                .orElse("")
                .strip();
        if (said.isEmpty() || said.lines().count() > 1 || !said.startsWith("/")) {
          throw inputs.refused(
              "cache",
              "asks for %s, which does not say where it keeps its downloads. Is it on the path?"
                  .formatted(manager.word()));
        }
        yield portable(said);
      }
    };
  }

  /// The same place in whatever job: home and workspace are elsewhere in each, and the paths are a
  /// part of what caches are found by.
  private String portable(String path) {
    var home = variables.getOrDefault("HOME", "/nonexistent") + "/";
    var workspace = scene.scope().job().workspace() + "/";
    if (path.startsWith(home)) {
      return "~/" + path.substring(home.length());
    }
    return path.startsWith(workspace) ? path.substring(workspace.length()) : path;
  }
}
