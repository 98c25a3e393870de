package dev.fairway.agent;

import dev.fairway.workflow.ActionRuns;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// Finds what actions want done before the first step of a job: those that its steps use, and those
/// that composite actions among them use. An action of the workspace wants nothing, for it is not
/// there yet.
final class EarlyHooks {
  /// As many uses of actions are looked at: composite actions can multiply each other.
  private static final int MAX_USES = 2_000;

  private final JobScope job;
  private final JobActions actions;
  private final List<Use> found = new ArrayList<>();
  private int uses;

  /// The use of an action that has a hook for the job's begin.
  ///
  /// @param scope in which the step is evaluated
  record Use(Step.Uses step, String path, int depth, StepScope scope, ActionCode code) {}

  private EarlyHooks(JobScope job, JobActions actions) {
    this.job = job;
    this.actions = actions;
  }

  /// In the order of the steps.
  static List<Use> of(JobScope job, JobActions actions, List<Step> steps) {
    var hooks = new EarlyHooks(job, actions);
    hooks.look(steps, "", 0, job.steps());
    if (hooks.uses > MAX_USES) {
      job.parts()
          .log()
          .line(
              "##[warning]The job uses actions at more than %d places; behind those, nothing runs before the job"
                  .formatted(MAX_USES));
    }
    return hooks.found;
  }

  private void look(List<Step> steps, String around, int depth, StepScope scope) {
    for (var step : steps) {
      if (step instanceof Step.Uses use) {
        var code = actions.fetched(use.action(), scope.action());
        if (code.isPresent() && ++uses <= MAX_USES) {
          look(use, around + step.index(), depth, scope, code.get());
        }
      }
    }
  }

  private void look(Step.Uses use, String path, int depth, StepScope scope, ActionCode code) {
    switch (code.definition().runs()) {
      case ActionRuns.Composite composite -> {
        if (depth < JobActions.MAX_DEPTH) {
          inside(composite, use, path, depth, scope, code);
        }
      }
      case ActionRuns.JavaScript script -> {
        if (script.pre().isPresent()) {
          found.add(new Use(use, path, depth, scope, code));
        }
      }
      case ActionRuns.Container container -> {
        if (container.pre().isPresent()) {
          found.add(new Use(use, path, depth, scope, code));
        }
      }
    }
  }

  /// What a composite action uses sees the inputs that it has now: no step has ended yet.
  private void inside(
      ActionRuns.Composite composite,
      Step.Uses use,
      String path,
      int depth,
      StepScope scope,
      ActionCode code) {
    try {
      var own = use.environment(scope.contexts());
      var contexts = scope.contexts(own);
      var with = use.inputs(contexts);
      var inputs = code.placed(() -> code.definition().inputs(with, contexts));
      var environment = new HashMap<>(scope.around());
      environment.putAll(own);
      var inner = scope.ofAction(new ActionFrame(code, inputs, environment));
      look(composite.steps(), path + "/", depth + 1, inner);
    } catch (EvaluationException e) {
      job.parts()
          .log()
          .line(
              "##[warning]Of what `%s` uses, nothing runs before the job: %s"
                  .formatted(use.action().text(), e.in(scope.file()).located()));
    }
  }
}
