package dev.fairway.workflow;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an `action.yml` defines.
///
/// @param name for people; the file's path where it has none
/// @param inputs by name, without regard to case
/// @param outputs by name: a mapping of the outputs that have a value, which are those of composite
///   actions
/// @param outputNames all outputs that it names, with a value or without
public record ActionDefinition(
    String name,
    Map<String, ActionInput> inputs,
    Tree outputs,
    List<String> outputNames,
    ActionRuns runs) {
  public ActionDefinition {
    Map<String, ActionInput> copy = Value.caseInsensitiveMap();
    copy.putAll(inputs);
    inputs = Collections.unmodifiableMap(copy);
    outputNames = List.copyOf(outputNames);
  }

  /// The inputs that the action sees: what the caller gives, and the defaults of the rest.
  ///
  /// @param given the caller's `with`
  /// @param contexts what a default may ask: github, strategy, matrix, job, runner
  public Map<String, String> inputs(Map<String, String> given, Contexts contexts) {
    Map<String, String> all = Value.caseInsensitiveMap();
    inputs.forEach((name, input) ->
        all.put(name, input.defaultValue().map(value -> value.text(contexts)).orElse("")));
    all.putAll(given);
    return new LinkedHashMap<>(all);
  }
}
