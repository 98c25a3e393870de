package dev.fairway.workflow;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The jobs of one file within a run: those of the workflow that was started, or of one that a job
/// calls.
///
/// @param path what the paths of its jobs begin with
/// @param name what the names of its jobs begin with
/// @param contexts `github`, `inputs` and `vars`
/// @param stopped why nothing more is to start in it, unless a job asks for it by its condition
/// @param permissions what the caller has; empty for the workflow that was started
/// @param standard what a job has about which nobody says anything
/// @param groups of the calls on the way
/// @param held names of groups that are held already when its jobs start, of the whole run too
record Scope(
    Workflow workflow,
    String path,
    String name,
    Contexts contexts,
    Optional<String> stopped,
    Optional<Permissions> permissions,
    Permissions standard,
    List<Concurrency.Group> groups,
    List<String> held,
    SecretsPath secrets) {

  static Scope of(Workflow workflow, RunState state) {
    return new Scope(
        workflow,
        "",
        "",
        state.contexts(),
        state.cancelled() ? Optional.of("The run was cancelled.") : Optional.empty(),
        Optional.empty(),
        state.standard(),
        List.of(),
        workflow.concurrency(state.contexts()).map(Concurrency.Group::name).stream().toList(),
        SecretsPath.ALL);
  }

  JobKey key(Job job, int index) {
    return new JobKey(path + job.id(), index);
  }

  String plannedName(Job job) {
    return name + job.plannedName();
  }

  /// `FILE:LINE:COLUMN: what is wrong`.
  String located(Job job, EvaluationException e) {
    return e.at(job.position()).in(workflow.file()).located();
  }

  /// @param seen what expressions of this instance see: `needs`, `matrix` and `strategy` too
  JobInstance instance(Job.Steps job, int index, String shown, Contexts seen) {
    JobKey key = key(job, index);
    Duration timeout =
        job.timeoutMinutes()
            .map(minutes -> Expected.minutes(minutes, seen))
            .orElse(Job.DEFAULT_TIMEOUT);
    return new JobInstance(
        key,
        workflow,
        job,
        name + shown,
        job.runsOn().labels(seen),
        seen.named("matrix"),
        seen.named("strategy"),
        seen.named("needs"),
        seen.named("inputs"),
        timeout,
        JobInstance.continueOnError(job, seen),
        workflow.permissions(job, permissions, standard),
        with(job.concurrency().flatMap(one -> one.evaluate(key.toString(), seen))).groups(),
        job.environment().flatMap(environment -> environment.evaluate(seen)),
        secrets);
  }

  /// The jobs that an instance of a call brings in.
  ///
  /// @param why it must stop, if it must
  Scope below(
      Job.Call call,
      Workflow called,
      JobKey key,
      String shown,
      Contexts seen,
      Optional<String> why) {
    Value inputs = called.callable().orElse(CallDefinition.NONE).inputs(call.with(), seen);
    Contexts inside =
        Contexts.empty()
            .with("github", contexts.named("github"))
            .with("vars", contexts.named("vars"))
            .with("inputs", inputs);
    return with(call.concurrency().flatMap(one -> one.evaluate(key.toString(), seen)))
        .with(group(called, key, inside))
        .inside(
            called,
            key.below(),
            name + shown + JobKey.NAME_SEPARATOR,
            inside,
            stopped.or(() -> why),
            workflow.permissions(call, permissions, standard),
            secrets.through(workflow.file(), call.secrets(), seen));
  }

  /// The group of the called workflow, which stands in a file of its own.
  private static Optional<Concurrency.Group> group(Workflow called, JobKey key, Contexts inside) {
    return EvaluationException.within(
        called.file(),
        () -> called.concurrency().flatMap(one -> one.evaluate(key.toString(), inside)));
  }

  private Scope inside(
      Workflow called,
      String below,
      String prefix,
      Contexts seen,
      Optional<String> why,
      Permissions bound,
      SecretsPath reached) {
    return new Scope(
        called, below, prefix, seen, why, Optional.of(bound), standard, groups, held, reached);
  }

  /// With one group more, unless that is held already: nobody waits for themselves.
  private Scope with(Optional<Concurrency.Group> group) {
    if (group.filter(one -> held.stream().noneMatch(one.name()::equalsIgnoreCase)).isEmpty()) {
      return this;
    }
    List<Concurrency.Group> more = new ArrayList<>(groups);
    more.add(group.get());
    List<String> names = new ArrayList<>(held);
    names.add(group.get().name());
    return new Scope(
        workflow,
        path,
        name,
        contexts,
        stopped,
        permissions,
        standard,
        List.copyOf(more),
        List.copyOf(names),
        secrets);
  }

  /// The `outputs` of the call whose jobs these are, once all of them have ended.
  Map<String, String> outputs(Map<String, JobResult> results) {
    Value.Obj jobs = Value.object();
    for (Map.Entry<String, JobResult> result : results.entrySet()) {
      jobs = jobs.with(result.getKey(), result.getValue().context());
    }
    return workflow.callable().orElse(CallDefinition.NONE).outputs(contexts.with("jobs", jobs));
  }
}
