package dev.fairway.server.run;

import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobState;
import dev.fairway.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The rows of a run's jobs. One that a decision needs and is not there yet is added: the next
/// place of a matrix, or the jobs of the next call in one.
final class JobRows {
  private static final String PATH = "/";

  private final Run run;
  private final Workflow workflow;
  private final Instant at;
  private final Map<JobKey, JobRun> byKey = new HashMap<>();
  private final Map<String, JobRun> anyOf = new HashMap<>();
  private final Set<String> scopes = new HashSet<>();
  private @Nullable Map<String, Planned> planned;

  /// A job as the files have it.
  private record Planned(int position, Workflow.Outline outline) {}

  JobRows(Run run, Workflow workflow, List<JobRun> jobs, Instant at) {
    this.run = run;
    this.workflow = workflow;
    this.at = at;
    jobs.forEach(this::keep);
  }

  private void keep(JobRun job) {
    byKey.put(key(job), job);
    anyOf.putIfAbsent(job.key(), job);
    scopes.add(Dependents.scope(job.key()));
  }

  /// Adds every job of the workflow, undecided, so that a page can show them.
  ///
  /// @param debug whether they write down more than usual
  static void addAll(Handle tx, Run run, Workflow workflow, Instant at, boolean debug) {
    new JobRows(run, workflow, List.of(), at).add(tx, "", debug);
  }

  static JobKey key(JobRun job) {
    return new JobKey(job.key(), job.index());
  }

  /// What the planner has to know of them.
  static List<JobState> states(List<JobRun> jobs) {
    var states = new ArrayList<JobState>();
    for (var job : jobs) {
      var key = key(job);
      var outcome = job.outcome();
      switch (job.phase()) {
        case WAITING -> {}
        case QUEUED, CLAIMED, RUNNING -> states.add(new JobState.Active(key));
        case ENDED ->
            states.add(
                new JobState.Finished(
                    key,
                    dev.fairway.workflow.Outcome.valueOf(
                        outcome == null ? Outcome.ERROR.name() : outcome.name()),
                    outputs(job)));
      }
    }
    return states;
  }

  private static Map<String, String> outputs(JobRun job) {
    var outputs = new HashMap<String, String>();
    for (Map.Entry<String, JsonNode> output : Json.MAPPER.readTree(job.outputs()).properties()) {
      outputs.put(output.getKey(), output.getValue().asString());
    }
    return outputs;
  }

  Optional<JobRun> find(JobKey key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /// Adds the rows of those instances that are not there yet, all at once.
  ///
  /// @param names by instance
  void addMissing(Handle tx, Map<JobKey, String> names) {
    var missing = new ArrayList<JobStore.NewJob>();
    names.forEach((key, name) -> {
      var plan = planned().get(Dependents.plain(key.job()));
      if (!byKey.containsKey(key) && scopes.contains(Dependents.scope(key.job())) && plan != null) {
        missing.add(fresh(key, plan, name, debugOf(key)));
      }
    });
    insert(tx, missing);
  }

  /// The row of that instance.
  ///
  /// @param name its name where it is not there yet
  JobRun row(Handle tx, JobKey key, String name) {
    var known = byKey.get(key);
    if (known != null) {
      return known;
    }
    var scope = Dependents.scope(key.job());
    if (!scopes.contains(scope)) {
      add(tx, scope, anyDebug());
      dropCallers(tx, scope);
      var now = byKey.get(key);
      if (now != null) {
        return now;
      }
    }
    var plan = planned().get(Dependents.plain(key.job()));
    if (plan == null) {
      throw new IllegalStateException("run " + run.id() + " has no job " + key);
    }
    insert(tx, List.of(fresh(key, plan, name, debugOf(key))));
    return Objects.requireNonNull(byKey.get(key));
  }

  private boolean debugOf(JobKey key) {
    var sibling = anyOf.get(key.job());
    return sibling == null ? anyDebug() : sibling.debug();
  }

  private boolean anyDebug() {
    return byKey.values().stream().anyMatch(JobRun::debug);
  }

  /// Adds the jobs of one file, and of those that it calls.
  ///
  /// @param scope what their paths begin with
  private void add(Handle tx, String scope, boolean debug) {
    var plain = Dependents.plain(scope);
    var missing = new ArrayList<JobStore.NewJob>();
    for (var plan : planned().values()) {
      var path = plan.outline().path();
      if (path.startsWith(plain) && !plan.outline().call()) {
        var key = new JobKey(scope + path.substring(plain.length()), 0);
        if (!byKey.containsKey(key)) {
          missing.add(fresh(key, plan, plan.outline().name(), debug));
        }
      }
    }
    insert(tx, missing);
  }

  private static JobStore.NewJob fresh(JobKey key, Planned plan, String name, boolean debug) {
    var needs =
        plan.outline().needs().stream().map(need -> need.substring(need.lastIndexOf(PATH) + 1));
    return new JobStore.NewJob(
        key.job(), key.index(), plan.position(), name, needs.toList(), false, debug);
  }

  private void insert(Handle tx, List<JobStore.NewJob> missing) {
    if (!missing.isEmpty()) {
      JobStore.insertWaiting(tx, run, missing, at).forEach(this::keep);
    }
  }

  /// Their jobs take the place of calls that a re-run expected to end as a whole again.
  private void dropCallers(Handle tx, String scope) {
    for (var end = scope.indexOf(PATH); end >= 0; end = scope.indexOf(PATH, end + 1)) {
      JobStore.dropUndecided(tx, run.id(), scope.substring(0, end));
    }
  }

  private Map<String, Planned> planned() {
    var known = planned;
    if (known == null) {
      known = new LinkedHashMap<>();
      for (var outline : workflow.outline()) {
        known.put(outline.path(), new Planned(known.size(), outline));
      }
      planned = known;
    }
    return known;
  }
}
