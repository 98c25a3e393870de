package dev.fairway.agent;

import dev.fairway.workflow.ActionReference;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The steps of a job in order: what actions want done first, the steps themselves, and what
/// actions want done last, in reverse.
///
/// ```
///  Pre B ──► A ──► B ──► C ──► Post C ──► Post B
/// ```
///
/// Each of them is a step of its own for people. The steps of the file have their place in it as
/// index, from 1; the others come behind those.
final class JobSteps {
  private final JobScope job;
  private final JobParts parts;
  private final StepRunner runner;
  private final JobActions actions;
  private final Map<String, ActionCall> calls = new HashMap<>();
  private final Deque<Later> last = new ArrayDeque<>();
  private int nextIndex;

  /// What runs behind the job's steps.
  ///
  /// @param path of the step that wants it
  private record Later(String path, String name, Turn turn) {}

  JobSteps(JobScope job, JobActions actions, CompletableFuture<?> tooLate) {
    this.job = job;
    this.parts = job.parts();
    this.actions = actions;
    this.runner = new StepRunner(job, tooLate);
  }

  void run(List<Step> steps) throws InterruptedException {
    nextIndex = steps.size() + 1;
    for (var step : steps) {
      if (step instanceof Step.Uses uses && !parts.cancellation().isAbandoned()) {
        before(uses);
      }
    }
    for (var step : steps) {
      if (parts.cancellation().isAbandoned()) {
        return;
      }
      var spot = Turn.Spot.ofJob(step.index() + 1, step);
      var outputs = new LinkedHashMap<String, String>();
      var end = shown(name(step), new StepTurn(step, this), spot, outputs);
      step.id().ifPresent(id -> job.steps().stepEnded(id, outputs, end));
    }
    while (!last.isEmpty() && !parts.cancellation().isAbandoned()) {
      var later = last.pop();
      var spot = new Turn.Spot(nextIndex++, later.path(), 0, Optional.empty());
      var _ = shown("Post " + later.name(), later.turn(), spot, new LinkedHashMap<>());
    }
  }

  StepRunner runner() {
    return runner;
  }

  JobActions actions() {
    return actions;
  }

  /// What is known of the use of an action at this place; its hooks share what it remembers.
  ActionCall call(Turn.Spot spot, Step.Uses step, StepScope scope, ActionCode code) {
    return calls.computeIfAbsent(
        spot.path(), path -> new ActionCall(path, name(step), step, scope, code));
  }

  /// From now on the action's hook runs at the end of the job.
  void later(ActionCall call) {
    call.post()
        .ifPresent(hook ->
            later(call.path(), call.name(), new HookTurn(call, hook, HookTurn.Phase.POST, this)));
  }

  /// From now on this runs at the end of the job, once for each step that wants it.
  void later(String path, String name, Turn turn) {
    if (last.stream().noneMatch(known -> known.path().equals(path))) {
      last.push(new Later(path, name, turn));
    }
  }

  /// Runs the hook that the action has for the job's begin. An action of the workspace has none: it
  /// is not there yet.
  private void before(Step.Uses step) throws InterruptedException {
    if (step.action() instanceof ActionReference.Repository reference) {
      var code = actions.code(reference);
      var index = nextIndex;
      var spot = Turn.Spot.ofJob(index, step);
      var call = call(spot, step, job.steps(), code);
      if (call.pre().isPresent()) {
        nextIndex++;
        later(call);
        var pre = new HookTurn(call, call.pre().get(), HookTurn.Phase.PRE, this);
        var _ = shown("Pre " + call.name(), pre, spot, new LinkedHashMap<>());
      }
    }
  }

  private StepEnd shown(String name, Turn turn, Turn.Spot spot, Map<String, String> outputs)
      throws InterruptedException {
    parts.report().stepStarted(spot.index(), name, parts.log().size(), parts.log().lines() + 1);
    var end = runner.run(turn, job.steps(), spot, outputs);
    if (end.stopsOthers()) {
      job.steps().failed(end.countsAs(), "Step `%s`: %s".formatted(name, end.why()));
    }
    parts.log().flush();
    parts.report().stepFinished(spot.index(), end.outcome(), end.countsAs());
    return end;
  }

  private String name(Step step) {
    try {
      return step.fixedName().orElseGet(() -> step.displayName(job.steps().contexts()));
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
  Optional<ActionCode> code(ActionReference reference) throws IOException, InterruptedException {
    return switch (reference) {
      case ActionReference.Repository repository -> Optional.of(actions.code(repository));
      case ActionReference.Local local -> Optional.of(actions.local(local, job.workspace()));
      case ActionReference.Builtin _, ActionReference.Docker _ -> Optional.empty();
    };
  }
}
