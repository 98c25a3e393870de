package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Warns of what does not fit between a workflow that is called and those that call it.
final class CallLint {
  private final Problems problems;
  private final ExpressionLint expressions;

  CallLint(Problems problems) {
    this.problems = problems;
    this.expressions = new ExpressionLint(problems);
  }

  /// What a workflow says under `workflow_call`.
  ///
  /// @param jobs the type of the context `jobs`, if it is known
  void definition(CallDefinition definition, Map<String, Type> run, Optional<Type> jobs) {
    Map<String, Type> before = new LinkedHashMap<>();
    definition
        .inputs()
        .forEach((name, input) -> {
          input.defaultValue().ifPresent(value -> defaultValue(name, input, value, run, before));
          before.put(name, KnownContexts.type(input.type()));
        });
    Map<String, Type> seen = new LinkedHashMap<>(run);
    jobs.ifPresent(type -> seen.put("jobs", type));
    definition.outputs().values().forEach(output -> expressions.text(output.value(), seen));
  }

  private void defaultValue(
      String name,
      CallDefinition.Input input,
      Template value,
      Map<String, Type> run,
      Map<String, Type> before) {
    Map<String, Type> seen = new LinkedHashMap<>(run);
    seen.put("inputs", Type.Obj.of(before, "no input before it is called '%s'"));
    expressions.value(value, seen);
    fits(name, input, value, seen);
    if (input.required()) {
      problems.warning(
          value.position(),
          Rule.NO_EFFECT,
          "The default of '%s' is never used: the input is required".formatted(name));
    }
  }

  /// What a job gives to the workflow that it calls.
  void call(Job.Call call, Map<String, Type> types) {
    Map<String, CallDefinition.Input> inputs = Value.caseInsensitiveMap();
    call.called().flatMap(Workflow::callable).ifPresent(one -> inputs.putAll(one.inputs()));
    call.with()
        .forEach((name, value) -> {
          CallDefinition.Input input = inputs.get(name);
          expressions.value(value, types);
          if (input != null) {
            fits(name, input, value, types);
          }
        });
    switch (call.secrets()) {
      case Job.Secrets.Inherit _ -> {}
      case Job.Secrets.Mapping mapping ->
          mapping.templates().values().forEach(value -> expressions.text(value, types));
    }
  }

  /// Constants have been looked at already.
  private void fits(
      String name, CallDefinition.Input input, Template value, Map<String, Type> types) {
    Type type = ExpressionLint.type(value, types);
    Type wanted = KnownContexts.type(input.type());
    boolean known = type != Type.Plain.ANY && value.constant().isEmpty();
    boolean text = wanted == Type.Plain.STRING && !type.composite();
    if (known && !type.equals(wanted) && !text) {
      problems.warning(
          value.position(),
          Rule.EXPRESSION,
          "The input '%s' is a %s, and this is %s".formatted(name, input.type().word(), type));
    }
  }
}
