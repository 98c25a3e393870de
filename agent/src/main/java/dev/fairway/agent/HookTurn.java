package dev.fairway.agent;

import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The turn of what an action does before the job's steps or behind them.
final class HookTurn implements Turn {
  /// When.
  enum Phase {
    /// Before the first step; the step that uses the action is evaluated for it.
    PRE,
    /// Behind the last one, with what the step had.
    POST
  }

  private final ActionCall call;
  private final ActionRuns.Hook hook;
  private final Phase phase;
  private final JobSteps steps;

  HookTurn(ActionCall call, ActionRuns.Hook hook, Phase phase, JobSteps steps) {
    this.call = call;
    this.hook = hook;
    this.phase = phase;
    this.steps = steps;
  }

  @Override
  public Map<String, String> environment(Contexts contexts) {
    return phase == Phase.PRE
        ? placed(() -> call.step().environment(contexts))
        : call.environment();
  }

  @Override
  public boolean shouldRun(Contexts contexts) {
    return call.code().placed(() -> hook.condition().holdsAlone(contexts));
  }

  @Override
  public boolean toleratesFailure(Contexts contexts) {
    return placed(() -> call.step().toleratesFailure(contexts));
  }

  @Override
  public Optional<Duration> timeout(Contexts contexts) {
    return placed(() -> call.step().timeout(contexts));
  }

  /// What the step says, and not its action.
  private <T> T placed(Supplier<T> said) {
    return EvaluationException.within(call.file(), said);
  }

  @Override
  public String word() {
    return call.step().id().orElseGet(() -> JobActions.word(call.step().action()));
  }

  @Override
  public void keep(Map<String, String> state) {
    call.state().putAll(state);
  }

  @Override
  public Action begin(Scene scene) {
    if (phase == Phase.PRE) {
      var code = call.code();
      var with = placed(() -> call.step().inputs(scene.contexts()));
      var variables = new HashMap<>(scene.scope().around());
      variables.putAll(scene.own());
      call.runsWith(variables, code.placed(() -> code.definition().inputs(with, scene.contexts())));
    }
    var title = phase == Phase.PRE ? "before the job: " : "after the job: ";
    steps.announce(call.step().action().text(), title + hook.program(), scene.own());
    return switch (call.code().definition().runs()) {
      case ActionRuns.JavaScript script ->
          new JavaScriptAction(script, hook.program(), call, scene);
      case ActionRuns.Container container ->
          ContainerAction.ofAction(container, Optional.of(hook.program()), call, scene);
      case ActionRuns.Composite _ ->
          throw new IllegalStateException("a composite action has no hooks of its own");
    };
  }
}
