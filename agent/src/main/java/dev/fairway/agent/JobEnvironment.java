package dev.fairway.agent;

import dev.fairway.api.JobAssignment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The variables that every step finds, whatever the workflow says: those of the machine, which the
/// workflow may change, and GitHub's default ones, which it may not.
record JobEnvironment(Map<String, String> machine, Map<String, String> defaults) {
  static final String SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final List<String> FROM_GITHUB =
      List.of(
          "actor",
          "actor_id",
          "api_url",
          "base_ref",
          "event_name",
          "graphql_url",
          "head_ref",
          "job",
          "ref",
          "ref_name",
          "ref_protected",
          "ref_type",
          "repository",
          "repository_id",
          "repository_owner",
          "repository_owner_id",
          "retention_days",
          "run_attempt",
          "run_id",
          "run_number",
          "server_url",
          "sha",
          "triggering_actor",
          "workflow",
          "workflow_ref",
          "workflow_sha");

  /// What tells git in a container that it may work in folders which belong to another user than
  /// the container's.
  static final Map<String, String> TRUST_OF_GIT =
      Map.of(
          "GIT_CONFIG_COUNT", "1",
          "GIT_CONFIG_KEY_0", "safe.directory",
          "GIT_CONFIG_VALUE_0", "*");

  JobEnvironment {
    machine = Map.copyOf(machine);
    defaults = Map.copyOf(defaults);
  }

  /// @param caller the variables of the user who runs the job himself; empty for an agent, whose
  ///   own variables are none of a job's business
  static JobEnvironment of(
      JobAssignment assignment,
      JobFolder folder,
      Path workspace,
      String agent,
      boolean privateTmp,
      Map<String, String> caller) {
    var machine = new LinkedHashMap<>(caller);
    if (caller.isEmpty()) {
      machine.put("LANG", "C.UTF-8");
      machine.put("USER", "job");
      machine.put("PATH", SYSTEM_PATH);
      var java = Path.of(System.getProperty("java.home"));
      if (Files.isExecutable(java.resolve("bin/javac"))) {
        machine.put("JAVA_HOME", java.toString());
        machine.put("PATH", java.resolve("bin") + ":" + SYSTEM_PATH);
      }
    }
    machine.putIfAbsent("HOME", folder.home().toString());
    if (!privateTmp) {
      machine.put("TMPDIR", folder.tmp().toString());
    }
    machine.put("CI", "true");
    var defaults = new LinkedHashMap<String, String>();
    var github = assignment.contexts().path("github");
    for (var name : FROM_GITHUB) {
      var value = github.path(name);
      if (value.isValueNode() && !value.isNull()) {
        defaults.put("GITHUB_" + name.toUpperCase(Locale.ROOT), value.asString());
      }
    }
    defaults.put("GITHUB_ACTIONS", "true");
    defaults.put("GITHUB_JOB", assignment.jobKey());
    defaults.put("GITHUB_RUN_ID", assignment.run().toString());
    defaults.put("GITHUB_RUN_NUMBER", Long.toString(assignment.runNumber()));
    defaults.put("GITHUB_RUN_ATTEMPT", Integer.toString(assignment.attempt()));
    defaults.put("GITHUB_WORKSPACE", workspace.toString());
    defaults.put("GITHUB_EVENT_PATH", folder.control().resolve("event.json").toString());
    defaults.put("RUNNER_OS", "Linux");
    defaults.put("RUNNER_ARCH", architecture());
    defaults.put("RUNNER_NAME", agent);
    defaults.put("RUNNER_ENVIRONMENT", "self-hosted");
    defaults.put("RUNNER_TEMP", folder.temp().toString());
    defaults.put("RUNNER_TOOL_CACHE", folder.home().resolve("tool-cache").toString());
    if (debug(assignment)) {
      defaults.put("RUNNER_DEBUG", "1");
    }
    defaults.put(Leftovers.VARIABLE, assignment.lease());
    return new JobEnvironment(machine, defaults);
  }

  /// Whether the job was asked to write down more than usual.
  static boolean debug(JobAssignment assignment) {
    return Stream.of("vars", "secrets")
        .map(context -> assignment.contexts().path(context).path("ACTIONS_STEP_DEBUG"))
        .anyMatch(value -> value.asString("").equalsIgnoreCase("true"));
  }

  /// The same where the steps run in a container: of the machine nothing but the folders is there.
  JobEnvironment inContainer(JobFolder folder, String path) {
    var own = new LinkedHashMap<>(TRUST_OF_GIT);
    own.put("HOME", folder.home().toString());
    own.put("PATH", path);
    own.put("CI", "true");
    return new JobEnvironment(own, defaults);
  }

  /// The `runner` context.
  Map<String, String> runner() {
    var runner = new LinkedHashMap<String, String>();
    if (defaults.containsKey("RUNNER_DEBUG")) {
      runner.put("debug", "1");
    }
    runner.putAll(machineOf());
    return runner;
  }

  private Map<String, String> machineOf() {
    return Map.of(
        "os", defaults.getOrDefault("RUNNER_OS", ""),
        "arch", defaults.getOrDefault("RUNNER_ARCH", ""),
        "name", defaults.getOrDefault("RUNNER_NAME", ""),
        "environment", defaults.getOrDefault("RUNNER_ENVIRONMENT", ""),
        "temp", defaults.getOrDefault("RUNNER_TEMP", ""),
        "tool_cache", defaults.getOrDefault("RUNNER_TOOL_CACHE", ""));
  }

  /// Of the machine, as `runner.arch` says it.
  static String architecture() {
    var arch = System.getProperty("os.arch");
    return switch (arch) {
      case "amd64", "x86_64" -> "X64";
      case "aarch64" -> "ARM64";
      case null, default -> String.valueOf(arch).toUpperCase(Locale.ROOT);
    };
  }
}
