package dev.fairway.agent;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// The background steps of a job. Each runs beside the others in a scope of its own; what it has
/// added, and how it has gone, is the job's once a step waits for it.
///
/// ```
///  start ──┬──────────► next step ──► wait ──► …
///          └► run in its scope ┄┄┄┄┄┄┄┘ join
/// ```
///
/// Source: `jobs.<job_id>.steps[*].background` in the documentation of GitHub's workflow syntax.
final class BackgroundSteps implements AutoCloseable {
  /// As many run at once; the others wait for a place.
  static final int MAX_AT_ONCE = 10;

  private static final int MAX_WRITER_CHARS = 30;

  private final JobScope job;
  private final JobSteps steps;
  private final Semaphore places = new Semaphore(MAX_AT_ONCE);
  private final Map<Integer, Running> running = new LinkedHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  /// One that no step has waited for.
  ///
  /// @param begun whether it has a place, or will never want one
  private record Running(
      Step step,
      String name,
      JobScope scope,
      JobSteps steps,
      Stop stop,
      AtomicBoolean begun,
      Map<String, String> outputs,
      CompletableFuture<StepEnd> end) {}

  BackgroundSteps(JobScope job, JobSteps steps) {
    this.job = job;
    this.steps = steps;
  }

  /// Starts a step and does not wait for it.
  void start(Step step) {
    var name = steps.name(step);
    var scope = job.beside(writer(step, name), "-" + step.index());
    var one =
        new Running(
            step,
            name,
            scope,
            steps.beside(scope),
            new Stop(),
            new AtomicBoolean(),
            new LinkedHashMap<>(),
            new CompletableFuture<>());
    running.put(step.index(), one);
    steps.begun(step, name);
    threads.add(Thread.ofVirtual().name("background-" + step.index()).start(() -> run(one)));
  }

  /// What its lines in the log begin with: something short.
  private static String writer(Step step, String name) {
    return step.id()
        .orElseGet(() ->
            step.header().name().isPresent()
                    && name.length() <= MAX_WRITER_CHARS
                    && name.chars().noneMatch(Character::isISOControl)
                ? name.strip()
                : "#" + (step.index() + 1));
  }

  private void run(Running one) {
    try {
      places.acquire();
      try {
        if (one.begun().compareAndSet(false, true)) {
          one.end()
              .complete(
                  one.steps().run(one.step(), one.name(), Optional.of(one.stop()), one.outputs()));
        }
      } finally {
        places.release();
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      one.end().completeExceptionally(e);
    }
  }

  /// Asks a step to end. One that has no place yet never begins.
  void cancel(int index) {
    var one = running.get(index);
    if (one == null) {
      return;
    }
    if (one.begun().compareAndSet(false, true)) {
      steps.ended(one.step(), StepEnd.CANCELLED);
      one.end().complete(StepEnd.CANCELLED);
    } else {
      one.stop().now(Stop.Reason.STEP_CANCELLED);
    }
  }

  /// Waits for steps, unless one has waited for them before.
  ///
  /// @param by who waits, and may not mind a failure
  StepEnd await(Step by, List<Integer> targets) throws InterruptedException {
    var end = StepEnd.SUCCESS;
    for (var target : targets) {
      var one = running.get(target);
      if (one != null) {
        var its = join(one);
        if (its.stopsOthers()) {
          var why = "`%s`: %s".formatted(one.name(), its.why());
          job.parts().log().line("##[error]" + why);
          end = end.stopsOthers() ? end : new StepEnd(its.countsAs(), why, false);
        }
      }
    }
    return end.stopsOthers() ? tolerated(end, by) : end;
  }

  private StepEnd tolerated(StepEnd end, Step by) {
    try {
      return new StepEnd(end.outcome(), end.why(), by.toleratesFailure(job.steps().contexts()));
    } catch (EvaluationException e) {
      var why = e.in(job.steps().file()).located();
      job.parts().log().line("##[error]" + why);
      return new StepEnd(Outcome.FAILURE, why, false);
    }
  }

  /// Waits for those that no step has waited for.
  void awaitRest() throws InterruptedException {
    for (var one : List.copyOf(running.values())) {
      if (!one.end().isDone()) {
        job.parts().log().line("Waiting for the background step `%s`".formatted(one.name()));
        job.parts().log().flush();
      }
      var end = join(one);
      if (end.stopsOthers()) {
        job.steps().failed(end.countsAs(), "Step `%s`: %s".formatted(one.name(), end.why()));
      }
    }
  }

  private StepEnd join(Running one) throws InterruptedException {
    try {
      var end = one.end().get();
      running.remove(one.step().index());
      job.join(one.scope());
      one.step().id().ifPresent(id -> job.steps().stepEnded(id, one.outputs(), end));
      return end;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException found -> throw found;
        case Error found -> throw found;
        case null, default -> throw new IllegalStateException(one.name() + " was interrupted", e);
      }
    }
  }

  /// Ends what still runs, and waits until it has ended.
  @Override
  public void close() throws InterruptedException {
    threads.forEach(Thread::interrupt);
    for (var thread : threads) {
      thread.join();
    }
  }
}
