package dev.fairway.agent;

import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.Step;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One use of an action in a job, over its three phases: before the job's steps, as a step, behind
/// them.
final class ActionCall {
  private final String path;
  private final String name;
  private final Step.Uses step;
  private final String file;
  private final ActionCode code;
  private final Map<String, String> state = new LinkedHashMap<>();
  private Map<String, String> environment = Map.of();
  private Map<String, String> inputs = Map.of();

  ActionCall(String path, String name, Step.Uses step, String file, ActionCode code) {
    this.path = path;
    this.name = name;
    this.step = step;
    this.file = file;
    this.code = code;
  }

  /// Where in the job, see [Turn.Spot].
  String path() {
    return path;
  }

  /// What people call the step.
  String name() {
    return name;
  }

  Step.Uses step() {
    return step;
  }

  /// In which the step stands.
  String file() {
    return file;
  }

  ActionCode code() {
    return code;
  }

  /// What its phases have written to `GITHUB_STATE`.
  Map<String, String> state() {
    return state;
  }

  Optional<ActionRuns.Hook> pre() {
    return switch (code.definition().runs()) {
      case ActionRuns.Composite _ -> Optional.empty();
      case ActionRuns.JavaScript script -> script.pre();
      case ActionRuns.Container container -> container.pre();
    };
  }

  Optional<ActionRuns.Hook> post() {
    return switch (code.definition().runs()) {
      case ActionRuns.Composite _ -> Optional.empty();
      case ActionRuns.JavaScript script -> script.post();
      case ActionRuns.Container container -> container.post();
    };
  }

  /// Remembers with what the latest phase ran; the ones behind it run with the same.
  void runsWith(Map<String, String> variables, Map<String, String> evaluated) {
    environment = new LinkedHashMap<>(variables);
    inputs = new LinkedHashMap<>(evaluated);
  }

  Map<String, String> environment() {
    return environment;
  }

  Map<String, String> inputs() {
    return inputs;
  }
}
