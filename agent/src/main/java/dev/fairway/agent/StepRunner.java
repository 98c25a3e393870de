package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.api.TimeLimit;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.EvaluationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Runs one step after the other, those of the job and those of composite actions: decides whether
/// a step runs, evaluates it, lets its action run, bounds its time, and reads what it says back.
final class StepRunner {
  private static final Set<ErrorCode> OURS =
      Set.of(
          ErrorCode.INTERNAL,
          ErrorCode.STORAGE_UNAVAILABLE,
          ErrorCode.DATABASE_UNAVAILABLE,
          ErrorCode.UNAUTHENTICATED);

  private final JobScope job;
  private final JobParts parts;
  private final CompletableFuture<?> tooLate;
  private final Deque<StepFiles> untouched = new ArrayDeque<>();
  private final AtomicLong processes;

  /// @param tooLate completed when the time has passed that a cancelled job has to clean up
  StepRunner(JobScope job, CompletableFuture<?> tooLate) {
    this(job, tooLate, new AtomicLong());
  }

  private StepRunner(JobScope job, CompletableFuture<?> tooLate, AtomicLong processes) {
    this.job = job;
    this.parts = job.parts();
    this.tooLate = tooLate;
    this.processes = processes;
  }

  /// Runs steps beside those that this one runs.
  StepRunner beside(JobScope other) {
    return new StepRunner(other, tooLate, processes);
  }

  /// @param outputs takes what the step sets
  StepEnd run(Turn turn, StepScope scope, Turn.Spot spot, Map<String, String> outputs)
      throws InterruptedException {
    job.output().begin(spot.index());
    var tolerated = false;
    try {
      var own = turn.environment(scope.contexts());
      var contexts = scope.contexts(own);
      if (!turn.shouldRun(contexts)) {
        return StepEnd.SKIPPED;
      }
      tolerated = turn.toleratesFailure(contexts);
      var variables = new HashMap<>(scope.processVariables(own));
      variables.put("GITHUB_ACTION", turn.word());
      var scene = new Turn.Scene(scope, spot, contexts, own, variables, outputs);
      var result = act(turn, scene);
      var refused = job.output().takeRefused();
      if (refused.isPresent()) {
        return new StepEnd(Outcome.FAILURE, refused.get(), tolerated);
      }
      return ended(result, turn, contexts, tolerated);
    } catch (EvaluationException | InvalidPathException e) {
      return refused(Outcome.FAILURE, e, tolerated);
    } catch (FairwayException e) {
      return OURS.contains(e.code())
          ? refused(Outcome.ERROR, e, false)
          : refused(Outcome.FAILURE, e, tolerated);
    } catch (IOException | UncheckedIOException e) {
      return refused(Outcome.ERROR, e, false);
    }
  }

  private StepEnd refused(Outcome outcome, Exception e, boolean tolerated) {
    var why = JobRunner.sentence(e);
    parts.log().line("##[error]" + why);
    return new StepEnd(outcome, why, tolerated);
  }

  private StepEnd ended(Action.Result result, Turn turn, Contexts contexts, boolean tolerated)
      throws IOException {
    return switch (result) {
      case Action.Result.Exited(var code) when code == 0 -> StepEnd.SUCCESS;
      case Action.Result.Exited(var code) -> {
        var why = "the process ended with exit code " + code;
        if (job.sandbox().lostProcessToMemoryLimit()) {
          var limit = parts.assignment().limits().memoryBytes() >> 20;
          why += ", after the job had used up its %d MiB of memory".formatted(limit);
          parts
              .log()
              .line(
                  "##[error]The job used up its %d MiB of memory, and the kernel ended a process of it."
                      .formatted(limit));
        }
        parts.log().line("##[error]Process completed with exit code " + code + ".");
        yield new StepEnd(Outcome.FAILURE, why, tolerated);
      }
      case Action.Result.Failed(var outcome, var why) ->
          new StepEnd(outcome, why, tolerated && outcome != Outcome.ERROR);
      case Action.Result.Stopped(var reason) ->
          switch (reason) {
            case CANCELLED, ABANDONED ->
                stopped(Outcome.CANCELLED, "The operation was canceled.", false);
            case STEP_CANCELLED -> StepEnd.CANCELLED;
            case JOB_TIMED_OUT -> stopped(Outcome.TIMED_OUT, job.reason(), false);
            case STEP_TIMED_OUT ->
                stopped(
                    Outcome.TIMED_OUT,
                    turn.timeout(contexts)
                        .map(time -> "The step took longer than its " + new TimeLimit(time))
                        .orElse("The step that uses the action took longer than it may"),
                    tolerated);
            case LOG_FULL ->
                stopped(
                    Outcome.FAILURE,
                    "The log has reached its limit of %d bytes"
                        .formatted(parts.assignment().limits().logBytes()),
                    false);
          };
    };
  }

  private StepEnd stopped(Outcome outcome, String why, boolean tolerated) {
    parts.log().line("##[error]" + why);
    return new StepEnd(outcome, why, tolerated);
  }

  private Action.Result act(Turn turn, Turn.Scene scene) throws IOException, InterruptedException {
    // A step within an action has files beside those of the step that uses it.
    var files =
        untouched.isEmpty()
            ? StepFiles.create(parts.folder(), processes.getAndIncrement())
            : untouched.pop();
    try (var stop = stop(turn, scene)) {
      scene.variables().putAll(files.variables());
      var result = result(turn.begin(scene), stop);
      takeOver(files, turn, scene, result);
      return result;
    } finally {
      if (files.untouched()) {
        untouched.push(files);
      } else {
        files.delete();
      }
    }
  }

  private Stop stop(Turn turn, Turn.Scene scene) {
    var stop = new Stop();
    if (job.cancelled()) {
      stop.when(parts.cancellation().abandoned(), Stop.Reason.ABANDONED);
      stop.when(tooLate, Stop.Reason.CANCELLED);
    } else {
      stop.when(parts.cancellation());
    }
    scene.spot().around().ifPresent(stop::inside);
    stop.when(job.output().logFull(), Stop.Reason.LOG_FULL);
    turn.timeout(scene.contexts()).ifPresent(time -> stop.after(time, Stop.Reason.STEP_TIMED_OUT));
    return stop;
  }

  /// Who is stopped while he waits for the server has been stopped, whatever he says.
  private static Action.Result result(Action action, Stop stop)
      throws IOException, InterruptedException {
    try {
      return action.run(stop);
    } catch (IOException e) {
      if (stop.reason().isDone()) {
        return new Action.Result.Stopped(stop.reason().resultNow());
      }
      throw e;
    }
  }

  /// A step that failed or was stopped may have been in the middle of a line; that must not hide
  /// how it ended.
  private void takeOver(StepFiles files, Turn turn, Turn.Scene scene, Action.Result result)
      throws IOException {
    try {
      // One step at a time: what a step may write takes a good part of the agent's memory.
      synchronized (parts.folder()) {
        scene.outputs().putAll(files.read(job, parts.report(), scene.spot().index(), turn::keep));
      }
    } catch (FairwayException e) {
      if (result.equals(Action.Result.SUCCESS)) {
        throw e;
      }
      parts.log().line("##[warning]" + JobRunner.sentence(e));
    }
  }
}
