package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides what happens next in a run. A pure function of the workflow and of what has happened so
/// far, shared by the server and by runs on a developer's machine: no clock, no memory, no order of
/// calls that matters. Called again with the same state it decides the same.
///
/// ```
///  undecided ──► Start ──► active ──► finished
///      │   ▲        (Cancel repeats until it is finished)
///      │   └─ held: max-parallel
///      └────► Conclude: skipped, cancelled, failure ──► finished
/// ```
public final class RunPlanner {
  private final Workflow workflow;
  private final RunState state;
  private final Map<JobKey, JobState> known = new LinkedHashMap<>();
  private final Map<String, JobResult> results = new LinkedHashMap<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final List<JobInstance> held = new ArrayList<>();

  private RunPlanner(Workflow workflow, RunState state) {
    this.workflow = workflow;
    this.state = state;
    state.jobs().forEach(job -> known.put(job.key(), job));
  }

  /// Plans the whole moment: what follows from its own conclusions is decided in the same call.
  public static Plan plan(Workflow workflow, RunState state) {
    RunPlanner planner = new RunPlanner(workflow, state);
    planner.settle();
    return new Plan(planner.decisions, planner.held, planner.outcome());
  }

  /// Decides about each job once, as soon as all that it needs has a result; goes over them until
  /// no conclusion frees another one.
  private void settle() {
    Set<String> decided = new HashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (Job job : workflow.jobs().values()) {
        if (results.keySet().containsAll(job.needs()) && decided.add(job.id())) {
          Optional<JobResult> result = decide(job);
          result.ifPresent(ended -> results.put(job.id(), ended));
          more |= result.isPresent();
        }
      }
    }
  }

  /// Decides about a job whose needs have ended; the result if it has ended too.
  private Optional<JobResult> decide(Job job) {
    Contexts contexts = state.contexts().with("needs", needs(job));
    try {
      Contexts.Status status = new NeedsStatus(job, results, workflow, state.cancelled());
      boolean wanted = job.condition().holds(contexts.with(status));
      Optional<JobResult> concluded = concluded(job, wanted);
      if (concluded.isPresent()) {
        return concluded;
      }
      if (!wanted && instancesOf(job).isEmpty()) {
        return Optional.of(conclude(whole(job), displayName(job), unwanted(job), reason(job)));
      }
      InstancePlanner instances = new InstancePlanner(job, contexts);
      return wanted || !state.cancelled()
          ? instances.advance()
          : instances.stop("The run was cancelled.");
    } catch (EvaluationException e) {
      return unusable(job, located(job, e));
    }
  }

  /// A job ends as a whole, without instances, under the key of its first one.
  private static JobKey whole(Job job) {
    return new JobKey(job.id(), 0);
  }

  /// The result of a job that an earlier plan ended as a whole. Only a whole job is ever skipped;
  /// one that is cancelled as a whole had no instance active when the run was cancelled.
  private Optional<JobResult> concluded(Job job, boolean wanted) {
    List<JobState> instances = instancesOf(job);
    if (instances.size() != 1
        || !(instances.getFirst() instanceof JobState.Finished finished)
        || !finished.key().equals(whole(job))) {
      return Optional.empty();
    }
    return switch (finished.outcome()) {
      case SKIPPED -> Optional.of(JobResult.of(finished));
      case CANCELLED ->
          state.cancelled() && !wanted ? Optional.of(JobResult.of(finished)) : Optional.empty();
      case SUCCESS, FAILURE, ERROR, TIMED_OUT -> Optional.empty();
    };
  }

  /// A job whose definition has no value in this run ends as the user's failure.
  private Optional<JobResult> unusable(Job job, String reason) {
    List<JobState> instances = instancesOf(job);
    if (instances.isEmpty()) {
      return Optional.of(conclude(whole(job), displayName(job), Outcome.FAILURE, reason));
    }
    List<JobResult> ended = new ArrayList<>();
    for (JobState instance : instances) {
      switch (instance) {
        case JobState.Active active -> decisions.add(new Decision.Cancel(active.key(), reason));
        case JobState.Finished finished -> ended.add(JobResult.of(finished));
      }
    }
    return ended.size() == instances.size() ? Optional.of(JobResult.of(ended)) : Optional.empty();
  }

  private String located(Job job, EvaluationException e) {
    Position position = e.position().orElse(job.position());
    return "%s:%d:%d: %s"
        .formatted(workflow.file(), position.line(), position.column(), e.getMessage());
  }

  private Outcome unwanted(Job job) {
    return state.cancelled() && !anyNeedSkipped(job) ? Outcome.CANCELLED : Outcome.SKIPPED;
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
    if (state.cancelled()) {
      return "The run was cancelled.";
    }
    if (!job.condition().asksForStatus()) {
      for (String need : job.needs()) {
        Outcome outcome = result(need).outcome();
        if (outcome != Outcome.SUCCESS) {
          return "It needs '" + need + "', which ended as " + outcome.label() + ".";
        }
      }
      if (!new NeedsStatus(job, results, workflow, false).success(List.of())) {
        return "A job that its needs depend on did not succeed.";
      }
    }
    return "Its condition is false: " + job.condition();
  }

  private JobResult conclude(JobKey key, String name, Outcome outcome, String reason) {
    JobState.Finished finished = new JobState.Finished(key, outcome, Map.of());
    decisions.add(new Decision.Conclude(key, name, outcome, reason));
    known.put(key, finished);
    return JobResult.of(finished);
  }

  private static String displayName(Job job) {
    return job.name().map(Template::toString).orElse(job.id());
  }

  private List<JobState> instancesOf(Job job) {
    return known.values().stream().filter(one -> one.key().job().equals(job.id())).toList();
  }

  private Value needs(Job job) {
    Map<String, Value> members = new LinkedHashMap<>();
    for (String need : job.needs()) {
      JobResult result = result(need);
      members.put(
          need,
          new Value.Obj(
              Map.of(
                  "result",
                  Value.of(result.outcome().result()),
                  "outputs",
                  Value.ofStrings(result.outputs()))));
    }
    return new Value.Obj(members);
  }

  /// Of the run: what somebody has to act on comes first, and a failure that a job tolerates counts
  /// as success.
  private Optional<Outcome> outcome() {
    if (!results.keySet().containsAll(workflow.jobs().keySet())) {
      return Optional.empty();
    }
    if (state.cancelled()) {
      return Optional.of(Outcome.CANCELLED);
    }
    return Optional.of(JobResult.worst(results.values().stream().map(JobResult::outcome).toList()));
  }

  /// The instances of one job whose condition has been decided.
  private final class InstancePlanner {
    private final Job job;
    private final List<JobInstance> instances;
    private final StrategyValues strategy;

    InstancePlanner(Job job, Contexts contexts) {
      this.job = job;
      this.strategy = StrategyValues.of(job, contexts);
      this.instances = strategy.instances(contexts);
    }

    /// Ends what has not started and cancels what has.
    Optional<JobResult> stop(String reason) {
      for (JobInstance instance : instances) {
        switch (known.get(instance.key())) {
          case null -> conclude(instance.key(), instance.name(), Outcome.CANCELLED, reason);
          case JobState.Active active -> decisions.add(new Decision.Cancel(active.key(), reason));
          case JobState.Finished _ -> {}
        }
      }
      return result();
    }

    Optional<JobResult> advance() {
      if (instances.isEmpty()) {
        return Optional.of(
            conclude(
                whole(job), displayName(job), Outcome.SKIPPED, "Its matrix has no combinations."));
      }
      Optional<JobInstance> failed = instances.stream().filter(this::failed).findFirst();
      if (strategy.failFast() && failed.isPresent() && instances.size() > 1) {
        return stop("'" + failed.get().name() + "' failed, and fail-fast stops the others.");
      }
      long active =
          instances.stream().filter(one -> known.get(one.key()) instanceof JobState.Active).count();
      for (JobInstance instance : instances) {
        if (known.get(instance.key()) == null) {
          if (active < strategy.maxParallel()) {
            decisions.add(new Decision.Start(instance));
            active++;
          } else {
            held.add(instance);
          }
        }
      }
      return result();
    }

    private boolean failed(JobInstance instance) {
      return known.get(instance.key()) instanceof JobState.Finished finished
          && finished.outcome().failed()
          && !instance.continueOnError();
    }

    private Optional<JobResult> result() {
      List<JobResult> ended = new ArrayList<>();
      for (JobInstance instance : instances) {
        if (!(known.get(instance.key()) instanceof JobState.Finished finished)) {
          return Optional.empty();
        }
        boolean tolerated = finished.outcome().failed() && instance.continueOnError();
        ended.add(
            new JobResult(tolerated ? Outcome.SUCCESS : finished.outcome(), finished.outputs()));
      }
      return Optional.of(JobResult.of(ended));
    }
  }
}
