package dev.fairway.agent;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What `actions/setup-java`, `actions/setup-node` and `actions/setup-python` have in common: each
/// makes one of the versions on this machine the job's own, by its variables and its path.
///
/// @param saving keeps what was downloaded for later jobs
record Setup(ActionInputs inputs, Turn.Scene scene, SetupCache.Saving saving) {
  JobScope job() {
    return scene.scope().job();
  }

  /// For people, in the job's log.
  void say(String line) {
    job().parts().log().line(line);
  }

  Action.Result run(String script, Map<String, String> variables, Stop stop)
      throws IOException, InterruptedException {
    return new JobShell(job(), variables).run(script, stop);
  }

  /// Restores the downloads of the package manager that `cache` names, if it names one.
  ///
  /// @param base what the keys begin with
  /// @param older whether what other files with dependencies have left is better than nothing
  /// @param variables by which the package manager is found
  Action.Result cached(
      List<PackageManager> known,
      String base,
      boolean older,
      Map<String, String> variables,
      Stop stop)
      throws IOException, InterruptedException {
    var cache = new SetupCache(inputs, scene, variables, saving);
    var manager = cache.manager(known);
    return manager.isPresent()
        ? cache.restore(manager.get(), base, older, stop)
        : Action.Result.SUCCESS;
  }

  /// The variables of a process, with those of its own.
  Map<String, String> with(Map<String, String> own) {
    var variables = new HashMap<>(scene.variables());
    variables.putAll(own);
    return variables;
  }

  /// The variables of a process that finds the programs of that folder first.
  Map<String, String> finding(String folder) {
    var variables = new HashMap<>(scene.variables());
    variables.merge("PATH", folder, (rest, first) -> first + ":" + rest);
    return variables;
  }

  /// The machine, as `runner.arch` says it.
  String arch() {
    return scene.variables().getOrDefault("RUNNER_ARCH", "X64");
  }

  /// What caches of other kinds of machines differ in.
  String platform() {
    return scene.variables().getOrDefault("RUNNER_OS", "Linux")
        + "-"
        + arch().toLowerCase(Locale.ROOT);
  }
}
