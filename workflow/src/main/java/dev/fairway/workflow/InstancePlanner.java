package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Plans the instances of one job whose condition has been decided. Everything that can fail is
/// evaluated when it is made, before anything is decided. Of an instance that has begun that is
/// little: a plan is made whenever one ends.
final class InstancePlanner {
  private final Job job;
  private final Scope scope;
  private final Board board;
  private final StrategyValues strategy;
  private final List<Instance> instances;

  /// One instance of the job.
  private sealed interface Instance {
    JobKey key();

    String name();

    /// Of a job that an agent runs.
    ///
    /// @param job what is to be started; nothing once it has begun
    record Steps(JobKey key, String name, boolean continueOnError, Optional<JobInstance> job)
        implements Instance {}

    /// Of a call.
    record Call(Job.Call job, JobKey key, String name, String shown, Contexts seen)
        implements Instance {}
  }

  private InstancePlanner(
      Job job, Scope scope, Board board, StrategyValues strategy, List<Instance> instances) {
    this.job = job;
    this.scope = scope;
    this.board = board;
    this.strategy = strategy;
    this.instances = instances;
  }

  /// @param contexts `github`, `inputs`, `vars` and `needs`
  static InstancePlanner of(Job job, Scope scope, Board board, Contexts contexts) {
    StrategyValues strategy = StrategyValues.of(job, contexts);
    List<Instance> instances = new ArrayList<>();
    for (int index = 0; index < strategy.combinations().size(); index++) {
      Contexts seen = strategy.contexts(index, contexts);
      String shown = strategy.name(index, seen);
      instances.add(
          switch (job) {
            case Job.Steps steps -> instance(steps, scope, board, index, shown, seen);
            case Job.Call call ->
                new Instance.Call(call, scope.key(job, index), scope.name() + shown, shown, seen);
          });
    }
    return new InstancePlanner(job, scope, board, strategy, instances);
  }

  private static Instance instance(
      Job.Steps job, Scope scope, Board board, int index, String shown, Contexts seen) {
    JobKey key = scope.key(job, index);
    if (board.state(key).isPresent()) {
      return new Instance.Steps(
          key, scope.name() + shown, JobInstance.continueOnError(job, seen), Optional.empty());
    }
    JobInstance made = scope.instance(job, index, shown, seen);
    return new Instance.Steps(key, made.name(), made.continueOnError(), Optional.of(made));
  }

  Optional<JobResult> advance() {
    if (instances.isEmpty()) {
      return Optional.of(
          board.conclude(
              scope.key(job, 0),
              scope.plannedName(job),
              Outcome.SKIPPED,
              "Its matrix has no combinations."));
    }
    Board.Mark before = board.mark();
    List<Optional<JobResult>> going = new ArrayList<>();
    for (Instance instance : instances) {
      going.add(begun(instance) ? proceed(instance, Optional.empty()) : Optional.empty());
    }
    Optional<Instance> failed = firstFailed(going);
    if (strategy.failFast() && failed.isPresent() && instances.size() > 1) {
      board.backTo(before);
      return stop("'" + failed.get().name() + "' failed, and fail-fast stops the others.");
    }
    startMore(going);
    return result(going);
  }

  /// Ends what has not started and cancels what has.
  Optional<JobResult> stop(String reason) {
    List<Optional<JobResult>> going = new ArrayList<>();
    for (Instance instance : instances) {
      going.add(
          begun(instance)
              ? proceed(instance, Optional.of(reason))
              : Optional.of(
                  board.conclude(instance.key(), instance.name(), Outcome.CANCELLED, reason)));
    }
    return result(going);
  }

  private boolean begun(Instance instance) {
    return board.state(instance.key()).isPresent()
        || (instance instanceof Instance.Call && board.begun(instance.key()));
  }

  /// Starts what has not begun, as far as `max-parallel` lets it.
  private void startMore(List<Optional<JobResult>> going) {
    long active = 0;
    for (int i = 0; i < instances.size(); i++) {
      active += going.get(i).isEmpty() && begun(instances.get(i)) ? 1 : 0;
    }
    for (int i = 0; i < instances.size(); i++) {
      Instance instance = instances.get(i);
      if (!begun(instance) && active < strategy.maxParallel()) {
        going.set(i, start(instance));
        active += going.get(i).isEmpty() ? 1 : 0;
      } else if (!begun(instance) && instance instanceof Instance.Steps steps) {
        steps.job().ifPresent(board::hold);
      }
    }
  }

  private Optional<JobResult> start(Instance instance) {
    return switch (instance) {
      case Instance.Steps steps -> {
        steps.job().ifPresent(board::start);
        yield Optional.empty();
      }
      case Instance.Call call when board.full() ->
          Optional.of(
              board.conclude(
                  call.key(),
                  call.name(),
                  Outcome.FAILURE,
                  "The run has %d jobs or more, and calls nothing more."
                      .formatted(Board.MAX_JOBS)));
      case Instance.Call call -> below(call, Optional.empty());
    };
  }

  /// Goes on with an instance that has begun.
  ///
  /// @param stop why it has to stop, if it has to
  private Optional<JobResult> proceed(Instance instance, Optional<String> stop) {
    Optional<JobState> state = board.state(instance.key());
    if (state.isEmpty() && instance instanceof Instance.Call call) {
      return below(call, stop);
    }
    return switch (state.orElseThrow()) {
      case JobState.Finished finished -> Optional.of(JobResult.of(finished));
      case JobState.Active active -> {
        stop.ifPresent(reason -> board.cancel(active.key(), reason));
        yield Optional.empty();
      }
    };
  }

  /// The jobs that a call brings in.
  private Optional<JobResult> below(Instance.Call call, Optional<String> stop) {
    Optional<Workflow> called = call.job().called();
    if (called.isEmpty()) {
      return Optional.of(
          board.conclude(
              call.key(),
              call.name(),
              Outcome.FAILURE,
              "The workflow '" + call.job().uses() + "' could not be looked up."));
    }
    Scope inside;
    try {
      inside = scope.below(call.job(), called.get(), call.key(), call.shown(), call.seen(), stop);
    } catch (EvaluationException e) {
      return Optional.of(
          board.conclude(call.key(), call.name(), Outcome.FAILURE, scope.located(call.job(), e)));
    }
    return new ScopePlanner(inside, board).settle().map(results -> ended(call, inside, results));
  }

  private JobResult ended(Instance.Call call, Scope inside, Map<String, JobResult> results) {
    try {
      return new JobResult(JobResult.worst(results), inside.outputs(results));
    } catch (EvaluationException e) {
      return board.conclude(
          call.key(), call.name(), Outcome.FAILURE, inside.located(call.job(), e));
    }
  }

  private Optional<Instance> firstFailed(List<Optional<JobResult>> going) {
    for (int i = 0; i < instances.size(); i++) {
      if (tolerated(i, going.get(i)).filter(result -> result.outcome().failed()).isPresent()) {
        return Optional.of(instances.get(i));
      }
    }
    return Optional.empty();
  }

  private Optional<JobResult> tolerated(int index, Optional<JobResult> result) {
    boolean tolerant =
        switch (instances.get(index)) {
          case Instance.Steps steps -> steps.continueOnError();
          case Instance.Call _ -> false;
        };
    return result.map(one ->
        tolerant && one.outcome().failed() ? new JobResult(Outcome.SUCCESS, one.outputs()) : one);
  }

  private Optional<JobResult> result(List<Optional<JobResult>> going) {
    List<JobResult> ended = new ArrayList<>();
    for (int i = 0; i < instances.size(); i++) {
      tolerated(i, going.get(i)).ifPresent(ended::add);
    }
    return ended.size() == instances.size() ? Optional.of(JobResult.of(ended)) : Optional.empty();
  }
}
