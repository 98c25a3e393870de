package dev.fairway.workflow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads Fairway's own settings out of the `env` of a workflow or a job, see [JobSettings].
final class Settings {
  private static final Map<String, List<String>> VALUES =
      Map.of(
          JobSettings.NETWORK,
          List.of("none", "full"),
          JobSettings.RETRY,
          List.of("safe", "never"));

  private final Problems problems;

  Settings(Problems problems) {
    this.problems = problems;
  }

  /// The settings in this `env`, with `wider` where it is silent.
  JobSettings read(Tree env, JobSettings wider) {
    Map<String, String> found = new HashMap<>();
    if (env instanceof Tree.Mapping mapping) {
      for (Tree.Entry entry : mapping.entries()) {
        ours(entry)
            .ifPresent(name -> value(name, entry).ifPresent(value -> found.put(name, value)));
      }
    }
    String network = found.get(JobSettings.NETWORK);
    String retry = found.get(JobSettings.RETRY);
    return new JobSettings(
        network == null
            ? wider.network()
            : network.equals("none") ? JobSettings.Network.NONE : JobSettings.Network.FULL,
        retry == null ? wider.retrySafe() : retry.equals("safe"));
  }

  /// In the `env` of a step they come too late: the sandbox is there already.
  void refuseIn(Tree env) {
    if (env instanceof Tree.Mapping mapping) {
      for (Tree.Entry entry : mapping.entries()) {
        ours(entry)
            .ifPresent(name ->
                problems.refuse(
                    entry.key().position(),
                    "'" + name + "' is a setting of a job; put it into the env of the job"));
      }
    }
  }

  /// The evaluated env, in which no setting may appear that its text did not show: it would look
  /// set and be without effect.
  static Map<String, String> shown(Tree env, Map<String, String> values) {
    for (String name : values.keySet()) {
      if (name.startsWith(JobSettings.PREFIX) && !writtenOut(env, name)) {
        throw new EvaluationException(
            env.position(),
            "'" + name + "' must be written out in env, not come from an expression");
      }
    }
    return values;
  }

  private static boolean writtenOut(Tree env, String name) {
    return env instanceof Tree.Mapping mapping
        && mapping.entries().stream()
            .anyMatch(entry -> ours(entry).filter(name::equals).isPresent());
  }

  private static Optional<String> ours(Tree.Entry entry) {
    return entry
        .key()
        .constant()
        .map(Value::text)
        .filter(name -> !entry.insert() && name.startsWith(JobSettings.PREFIX));
  }

  private Optional<String> value(String name, Tree.Entry entry) {
    List<String> allowed = VALUES.get(name);
    if (allowed == null) {
      problems.refuse(
          entry.key().position(),
          "'%s' is not a setting; names that begin with %s are Fairway's: %s"
              .formatted(name, JobSettings.PREFIX, VALUES.keySet().stream().sorted().toList()));
      return Optional.empty();
    }
    Optional<String> value =
        entry.value() instanceof Tree.Leaf leaf
            ? leaf.template().constant().map(Value::text)
            : Optional.empty();
    if (value.filter(allowed::contains).isEmpty()) {
      problems.refuse(
          entry.value().position(),
          "'%s' must be one of %s, as fixed text".formatted(name, String.join(", ", allowed)));
      return Optional.empty();
    }
    return value;
  }
}
