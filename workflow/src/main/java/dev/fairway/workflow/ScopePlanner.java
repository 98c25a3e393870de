package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Plans the jobs of one scope.
final class ScopePlanner {
  private final Scope scope;
  private final Board board;
  private final Map<String, JobResult> results = new LinkedHashMap<>();

  ScopePlanner(Scope scope, Board board) {
    this.scope = scope;
    this.board = board;
  }

  /// Decides about each job once, as soon as all that it needs has a result; goes over them until
  /// no conclusion frees another one.
  ///
  /// @return the results in the order of their coming, once every job has one
  Optional<Map<String, JobResult>> settle() {
    Map<String, Job> jobs = scope.workflow().jobs();
    List<Job> undecided = new LinkedList<>(jobs.values());
    boolean more = true;
    while (more) {
      more = false;
      for (Iterator<Job> each = undecided.iterator(); each.hasNext(); ) {
        Job job = each.next();
        if (results.keySet().containsAll(job.needs())) {
          each.remove();
          Optional<JobResult> result = decide(job);
          result.ifPresent(ended -> results.put(job.id(), ended));
          more |= result.isPresent();
        }
      }
    }
    return results.keySet().containsAll(jobs.keySet()) ? Optional.of(results) : Optional.empty();
  }

  /// Decides about a job whose needs have ended; the result if it has ended too.
  private Optional<JobResult> decide(Job job) {
    if (scope.stopped().isEmpty() && job instanceof Job.Steps && job.strategy().isEmpty()) {
      Optional<JobState> state = board.state(scope.key(job, 0));
      if (state.isPresent()) {
        switch (state.get()) {
          case JobState.Active _ -> {
            return Optional.empty();
          }
          case JobState.Finished finished when !finished.outcome().failed() -> {
            return Optional.of(JobResult.of(finished));
          }
          case JobState.Finished _ -> {
            // Whether it is tolerated has to be evaluated.
          }
        }
      }
    }
    return decideAnew(job);
  }

  private Optional<JobResult> decideAnew(Job job) {
    Contexts contexts = scope.contexts().with("needs", needs(job));
    boolean stopped = scope.stopped().isPresent();
    try {
      boolean wanted = job.condition().holds(contexts.with(status(job, stopped)));
      Optional<JobResult> concluded = concluded(job, wanted);
      if (concluded.isPresent()) {
        return concluded;
      }
      if (!wanted && statesOf(job).isEmpty()) {
        return Optional.of(
            board.conclude(scope.key(job, 0), scope.plannedName(job), unwanted(job), reason(job)));
      }
      InstancePlanner instances = InstancePlanner.of(job, scope, board, contexts);
      return wanted || !stopped
          ? instances.advance()
          : instances.stop(scope.stopped().orElseThrow());
    } catch (EvaluationException e) {
      return unusable(job, scope.located(job, e));
    }
  }

  private NeedsStatus status(Job job, boolean stopped) {
    return new NeedsStatus(job, results, scope.workflow(), stopped);
  }

  private List<JobState> statesOf(Job job) {
    return board.statesOf(scope.path() + job.id());
  }

  /// The result of a job that an earlier plan ended as a whole, without instances, under the key of
  /// its first one. Only a whole job is ever skipped; one that is cancelled as a whole had no
  /// instance active when its scope was stopped.
  private Optional<JobResult> concluded(Job job, boolean wanted) {
    List<JobState> states = statesOf(job);
    if (states.size() != 1
        || !(states.getFirst() instanceof JobState.Finished finished)
        || !finished.key().equals(scope.key(job, 0))) {
      return Optional.empty();
    }
    return switch (finished.outcome()) {
      case SKIPPED -> Optional.of(JobResult.of(finished));
      case CANCELLED ->
          scope.stopped().isPresent() && !wanted
              ? Optional.of(JobResult.of(finished))
              : Optional.empty();
      case SUCCESS, FAILURE, ERROR, TIMED_OUT -> Optional.empty();
    };
  }

  /// A job whose definition has no value in this run ends as the user's failure.
  private Optional<JobResult> unusable(Job job, String reason) {
    List<JobState> states = statesOf(job);
    if (states.isEmpty()) {
      return Optional.of(
          board.conclude(scope.key(job, 0), scope.plannedName(job), Outcome.FAILURE, reason));
    }
    List<JobResult> ended = new ArrayList<>();
    for (JobState state : states) {
      switch (state) {
        case JobState.Active active -> board.cancel(active.key(), reason);
        case JobState.Finished finished -> ended.add(JobResult.of(finished));
      }
    }
    return ended.size() == states.size() ? Optional.of(JobResult.of(ended)) : Optional.empty();
  }

  private Outcome unwanted(Job job) {
    return scope.stopped().isPresent() && !anyNeedSkipped(job)
        ? Outcome.CANCELLED
        : Outcome.SKIPPED;
  }

  private boolean anyNeedSkipped(Job job) {
    return job.needs().stream().anyMatch(need -> result(need).outcome() == Outcome.SKIPPED);
  }

  private JobResult result(String job) {
    JobResult result = results.get(job);
    if (result == null) {
      throw new IllegalStateException("job '" + job + "' has no result yet");
    }
    return result;
  }

  private String reason(Job job) {
    if (scope.stopped().isPresent()) {
      return scope.stopped().get();
    }
    if (!job.condition().asksForStatus()) {
      for (String need : job.needs()) {
        Outcome outcome = result(need).outcome();
        if (outcome != Outcome.SUCCESS) {
          return "It needs '" + need + "', which ended as " + outcome.label() + ".";
        }
      }
      if (!status(job, false).success(List.of())) {
        return "A job that its needs depend on did not succeed.";
      }
    }
    return "Its condition is false: " + job.condition();
  }

  private Value needs(Job job) {
    Map<String, Value> members = new LinkedHashMap<>();
    job.needs().forEach(need -> members.put(need, result(need).context()));
    return new Value.Obj(members);
  }
}
