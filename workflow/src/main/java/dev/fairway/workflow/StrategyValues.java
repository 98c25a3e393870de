package dev.fairway.workflow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// An evaluated strategy, and the instances that it makes of its job.
///
/// @param combinations of the matrix; for a job without one, a single null
record StrategyValues(Job job, List<Value> combinations, boolean failFast, int maxParallel) {

  /// @param contexts `github`, `inputs`, `vars` and `needs`
  static StrategyValues of(Job job, Contexts contexts) {
    if (job.strategy().isEmpty()) {
      return new StrategyValues(job, List.of(Value.nothing()), true, 1);
    }
    Strategy strategy = job.strategy().get();
    List<Value> combinations =
        strategy
            .matrix()
            .map(matrix -> expand(matrix, contexts))
            .orElseGet(() -> List.of(Value.nothing()));
    boolean failFast =
        strategy
            .failFast()
            .map(template -> Expected.bool(template, contexts, "fail-fast"))
            .orElse(true);
    int maxParallel =
        strategy
            .maxParallel()
            .map(template -> maxParallel(template, contexts))
            .orElseGet(() -> Math.max(1, combinations.size()));
    return new StrategyValues(job, combinations, failFast, maxParallel);
  }

  private static List<Value> expand(Tree matrix, Contexts contexts) {
    try {
      return List.copyOf(Matrix.expand(matrix.evaluate(contexts)));
    } catch (EvaluationException e) {
      throw e.at(matrix.position());
    }
  }

  private static int maxParallel(Template template, Contexts contexts) {
    double number = Expected.number(template, contexts, "max-parallel");
    if (number < 1) {
      throw new EvaluationException(
          template.position(), "The value of 'max-parallel' must be at least 1");
    }
    return (int) Math.min(number, Matrix.MAX_COMBINATIONS);
  }

  List<JobInstance> instances(Contexts contexts) {
    List<JobInstance> instances = new ArrayList<>();
    for (int index = 0; index < combinations.size(); index++) {
      instances.add(instance(index, contexts));
    }
    return instances;
  }

  private JobInstance instance(int index, Contexts outer) {
    Value matrix = combinations.get(index);
    Value strategy = context(index);
    Contexts contexts = outer.with("matrix", matrix).with("strategy", strategy);
    Duration timeout =
        job.timeoutMinutes()
            .map(minutes -> Expected.minutes(minutes, contexts))
            .orElse(Job.DEFAULT_TIMEOUT);
    return new JobInstance(
        new JobKey(job.id(), index),
        job,
        name(matrix, contexts),
        labels(contexts),
        matrix,
        strategy,
        outer.named("needs"),
        timeout,
        Expected.bool(job.continueOnError(), contexts, "continue-on-error"));
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
  private String name(Value matrix, Contexts contexts) {
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

  private List<String> labels(Contexts contexts) {
    Value value = job.runsOn().evaluate(contexts);
    List<Value> items = value instanceof Value.Arr array ? array.items() : List.of(value);
    List<String> labels = items.stream().map(Value::text).filter(text -> !text.isBlank()).toList();
    if (labels.isEmpty() || items.stream().anyMatch(Coercion::composite)) {
      throw new EvaluationException(
          job.runsOn().position(), "'runs-on' must come to one label or a sequence of labels");
    }
    return labels;
  }
}
