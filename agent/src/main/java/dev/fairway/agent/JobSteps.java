package dev.fairway.agent;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// The steps of a job in order: what actions want done first, the steps themselves, and what
/// actions want done last, in reverse.
///
/// ```
///  Pre B ──► A ──► B ──► C ──► Post C ──► Post B
/// ```
///
/// Each of them is a step of its own for people. The steps of the file have their place in it as
/// index, from 1; the others come behind those. Background steps run beside this order, until a
/// step waits for them, at the latest behind the last one of the file.
final class JobSteps {
  private final JobScope job;
  private final JobParts parts;
  private final StepRunner runner;
  private final JobActions actions;
  private final JobSteps whole;
  private final Map<String, ActionCall> calls = new ConcurrentHashMap<>();
  private final LaterTurns last = new LaterTurns();
  private int nextIndex;

  JobSteps(JobScope job, JobActions actions, CompletableFuture<?> tooLate) {
    this.job = job;
    this.parts = job.parts();
    this.actions = actions;
    this.runner = new StepRunner(job, tooLate);
    this.whole = this;
  }

  private JobSteps(JobScope job, JobSteps whole) {
    this.job = job;
    this.parts = job.parts();
    this.actions = whole.actions;
    this.runner = whole.runner.beside(job);
    this.whole = whole;
  }

  /// For one of the steps, which runs beside the others.
  JobSteps beside(JobScope scope) {
    return new JobSteps(scope, whole);
  }

  void run(List<Step> steps) throws InterruptedException {
    nextIndex = steps.size() + 1;
    for (var use : EarlyHooks.of(job, actions, steps)) {
      if (!parts.cancellation().isAbandoned()) {
        before(use);
      }
    }
    try (var background = new BackgroundSteps(job, this)) {
      for (var step : steps) {
        if (parts.cancellation().isAbandoned()) {
          return;
        }
        run(step, background);
      }
      background.awaitRest();
    }
    for (var later = last.next();
        later.isPresent() && !parts.cancellation().isAbandoned();
        later = last.next()) {
      var spot = new Turn.Spot(nextIndex++, later.get().path(), 0, Optional.empty());
      var _ =
          shown(
              "Post " + later.get().name(),
              later.get().turn(),
              job.steps(),
              spot,
              new LinkedHashMap<>());
    }
  }

  private void run(Step step, BackgroundSteps background) throws InterruptedException {
    if (step.background()) {
      background.start(step);
      return;
    }
    var outputs = new LinkedHashMap<String, String>();
    var end =
        switch (step) {
          case Step.Run _, Step.Uses _ -> {
            var name = name(step);
            begun(step, name);
            yield run(step, name, Optional.empty(), outputs);
          }
          case Step.Wait wait -> shown(wait, () -> background.await(wait, wait.targets()));
          case Step.Cancel cancel ->
              shown(
                  cancel,
                  () -> {
                    background.cancel(cancel.target());
                    return background.await(cancel, List.of(cancel.target()));
                  });
        };
    step.id().ifPresent(id -> job.steps().stepEnded(id, outputs, end));
  }

  /// Shows that a step has begun.
  void begun(Step step, String name) {
    begun(step.index() + 1, name);
  }

  /// Runs a step that does something, and that has begun.
  ///
  /// @param around ends it early
  StepEnd run(Step step, String name, Optional<Stop> around, Map<String, String> outputs)
      throws InterruptedException {
    var turn = new StepTurn(step, this, job.steps().file());
    var spot = Turn.Spot.ofJob(step, around);
    return ended(spot.index(), name, () -> runner.run(turn, job.steps(), spot, outputs));
  }

  /// Shows how a step has ended that did not run.
  void ended(Step step, StepEnd end) {
    parts.report().stepFinished(step.index() + 1, end.outcome(), end.countsAs());
  }

  StepRunner runner() {
    return runner;
  }

  JobActions actions() {
    return actions;
  }

  /// What is known of the use of an action at this place; its hooks share what it remembers.
  ActionCall call(Turn.Spot spot, Step.Uses step, StepScope scope, ActionCode code) {
    return whole.calls.computeIfAbsent(
        spot.path(), path -> new ActionCall(path, name(step, scope), step, scope.file(), code));
  }

  /// From now on the action's hook runs at the end of the job.
  void later(ActionCall call) {
    call.post()
        .ifPresent(hook ->
            later(call.path(), call.name(), new HookTurn(call, hook, HookTurn.Phase.POST, whole)));
  }

  /// From now on this runs at the end of the job, once for each step that wants it.
  void later(String path, String name, Turn turn) {
    whole.last.add(new LaterTurns.Later(path, name, turn));
  }

  /// Runs the hook that the action has for the job's begin.
  private void before(EarlyHooks.Use use) throws InterruptedException {
    var spot = new Turn.Spot(nextIndex++, use.path(), use.depth(), Optional.empty());
    var call = call(spot, use.step(), use.scope(), use.code());
    later(call);
    var pre = new HookTurn(call, call.pre().orElseThrow(), HookTurn.Phase.PRE, this);
    if (job.steps().outcome() != Outcome.SUCCESS) {
      use.scope().failed(job.steps().outcome(), job.steps().reason());
    }
    var _ = shown("Pre " + call.name(), pre, use.scope(), spot, new LinkedHashMap<>());
  }

  private StepEnd shown(
      String name, Turn turn, StepScope scope, Turn.Spot spot, Map<String, String> outputs)
      throws InterruptedException {
    begun(spot.index(), name);
    return ended(spot.index(), name, () -> runner.run(turn, scope, spot, outputs));
  }

  private StepEnd shown(Step step, Work work) throws InterruptedException {
    var name = name(step);
    begun(step, name);
    return ended(step.index() + 1, name, work);
  }

  private interface Work {
    StepEnd run() throws InterruptedException;
  }

  private void begun(int index, String name) {
    parts.report().stepStarted(index, name, parts.log().size(), parts.log().lines() + 1);
  }

  private StepEnd ended(int index, String name, Work work) throws InterruptedException {
    var end = work.run();
    if (end.stopsOthers()) {
      job.steps().failed(end.countsAs(), "Step `%s`: %s".formatted(name, end.why()));
    }
    parts.log().flush();
    parts.report().stepFinished(index, end.outcome(), end.countsAs());
    return end;
  }

  /// What people call the step.
  String name(Step step) {
    return name(step, job.steps());
  }

  private static String name(Step step, StepScope scope) {
    try {
      return step.fixedName().orElseGet(() -> step.displayName(scope.contexts()));
    } catch (EvaluationException e) {
      return "Step " + (step.index() + 1);
    }
  }

  /// Shows in the log what begins.
  void announce(String what, String how, Map<String, String> own) {
    var log = parts.log();
    var first = what.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst();
    log.line("##[group]Run " + first.orElse(""));
    log.line(what);
    log.line(how);
    if (!own.isEmpty()) {
      log.line("env:");
      own.forEach((name, value) -> log.line("  " + name + ": " + value));
    }
    log.line("##[endgroup]");
    log.flush();
  }

  /// The code of an action that is no built-in.
  ///
  /// @param scope in which the reference stands
  Optional<ActionCode> code(ActionReference reference, StepScope scope)
      throws IOException, InterruptedException {
    return reference instanceof ActionReference.Local local
        ? Optional.of(actions.local(local, job.workspace()))
        : actions.fetched(reference, scope.action());
  }
}
