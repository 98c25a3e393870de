package dev.fairway.agent;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.util.LinkedHashMap;

/// The steps of a composite action, in place of the step that uses it.
///
/// They have ids, inputs and a status of their own; variables and paths that they add are the
/// job's.
record CompositeAction(
    ActionRuns.Composite composite, ActionFrame frame, JobSteps steps, Turn.Scene scene)
    implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    if (scene.spot().depth() >= JobActions.MAX_DEPTH) {
      throw JobActions.tooDeep(frame.code().definition().name());
    }
    var inner = scene.scope().ofAction(frame);
    for (var step : composite.steps()) {
      if (stop.endsAll()) {
        break;
      }
      run(step, inner, stop);
    }
    var code = frame.code();
    scene
        .outputs()
        .putAll(code.placed(() -> code.definition().outputs().strings(inner.contexts())));
    if (stop.reason().isDone()) {
      return new Result.Stopped(stop.reason().resultNow());
    }
    return inner.outcome() == Outcome.SUCCESS
        ? Result.SUCCESS
        : new Result.Failed(inner.outcome(), inner.reason());
  }

  private void run(Step step, StepScope inner, Stop stop) throws InterruptedException {
    var outputs = new LinkedHashMap<String, String>();
    var spot = scene.spot().inner(step, stop);
    var turn = new StepTurn(step, steps, inner.file());
    var end = steps.runner().run(turn, inner, spot, outputs);
    step.id().ifPresent(id -> inner.stepEnded(id, outputs, end));
    if (end.stopsOthers()) {
      inner.failed(end.countsAs(), "`%s`: %s".formatted(name(step, inner), end.why()));
    }
  }

  private static String name(Step step, StepScope inner) {
    try {
      return step.displayName(inner.contexts());
    } catch (EvaluationException e) {
      return "Step " + (step.index() + 1);
    }
  }
}
