package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// An evaluated strategy: the instances that it makes of its job, and how they share the machines.
///
/// @param combinations of the matrix; for a job without one, a single null
record StrategyValues(Job job, List<Value> combinations, boolean failFast, int maxParallel) {

  /// @param contexts `github`, `inputs`, `vars` and `needs`
  static StrategyValues of(Job job, Contexts contexts) {
    if (job.strategy().isEmpty()) {
      return new StrategyValues(job, List.of(Value.nothing()), true, 1);
    }
    Map<String, Tree.Member> members =
        job.strategy().get().tree().members(Shape.STRATEGY, contexts);
    List<Value> combinations =
        Optional.ofNullable(members.get("matrix"))
            .map(StrategyValues::expand)
            .orElseGet(() -> List.of(Value.nothing()));
    boolean failFast = Expected.bool(members, "fail-fast", true);
    int maxParallel =
        Optional.ofNullable(members.get("max-parallel"))
            .map(StrategyValues::maxParallel)
            .orElseGet(() -> Math.max(1, combinations.size()));
    return new StrategyValues(job, combinations, failFast, maxParallel);
  }

  private static List<Value> expand(Tree.Member matrix) {
    try {
      return List.copyOf(Matrix.expand(matrix.value()));
    } catch (EvaluationException e) {
      throw e.at(matrix.position());
    }
  }

  /// Text is a number only where the file has the key: outputs of jobs are nothing but text, while
  /// JSON has numbers.
  private static int maxParallel(Tree.Member member) {
    if (!member.written() && !(member.value() instanceof Value.Num)) {
      throw Expected.noNumber(member.value(), member.position(), "max-parallel");
    }
    double count = Expected.number(member.value(), member.position(), "max-parallel");
    if (!Expected.isCount(count)) {
      throw new EvaluationException(
          member.position(), "The value of 'max-parallel' must be a whole number of at least 1");
    }
    return (int) Math.min(count, Matrix.MAX_COMBINATIONS);
  }

  /// What expressions of an instance see.
  Contexts contexts(int index, Contexts outer) {
    return outer.with("matrix", combinations.get(index)).with("strategy", context(index));
  }

  private Value context(int index) {
    Map<String, Value> members = new LinkedHashMap<>();
    members.put("fail-fast", Value.of(failFast));
    members.put("job-index", Value.of(index));
    members.put("job-total", Value.of(combinations.size()));
    members.put("max-parallel", Value.of(maxParallel));
    return new Value.Obj(members);
  }

  /// The evaluated name; one without expressions gets the values of the matrix behind it.
  String name(int index, Contexts contexts) {
    Value matrix = combinations.get(index);
    String name = job.name().map(template -> template.text(contexts)).orElse("");
    boolean own = job.name().filter(template -> template.constant().isEmpty()).isPresent();
    if (own && !name.isBlank()) {
      return name;
    }
    String base = name.isBlank() ? job.id() : name;
    return matrix instanceof Value.Obj object && !object.members().isEmpty()
        ? base + " (" + values(object) + ")"
        : base;
  }

  private static String values(Value.Obj matrix) {
    return matrix.members().values().stream()
        .map(value -> Coercion.composite(value) ? value.toCompactJson() : value.text())
        .collect(Collectors.joining(", "));
  }
}
