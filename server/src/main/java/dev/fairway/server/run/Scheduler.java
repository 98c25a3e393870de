package dev.fairway.server.run;

import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.Ids;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Decision;
import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobSettings;
import dev.fairway.workflow.JobState;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.RunPlanner;
import dev.fairway.workflow.RunState;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import dev.fairway.workflow.WorkflowParser;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/// Carries out what the planner decides about a run's jobs. Every method needs the run's lock.
final class Scheduler {
  private static final String NO_OUTPUTS = "{}";

  /// Numbers of annotations that no finding about a workflow has.
  private static final long REFUSAL_NUMBER = 1L << 40;

  private final RunEvidence evidence;
  private final InstantSource clock;

  Scheduler(RunEvidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  /// Adds the jobs of a new run, undecided, so that a page can show them.
  void addJobs(Handle tx, Run run, Workflow workflow) {
    var position = 0;
    for (var job : workflow.jobs().values()) {
      var name = job.name().map(Object::toString).orElse(job.id());
      var row = new JobStore.NewJob(job.id(), 0, position++, name, job.needs(), false, false);
      JobStore.insertWaiting(tx, Ids.next(), run, row, 1, "", clock.instant());
    }
  }

  /// Decides what can be decided now. Deciding twice does no harm.
  void advance(Handle tx, Run run) {
    if (run.phase().terminal()) {
      return;
    }
    switch (parse(run)) {
      case ParseResult.Valid valid -> advance(tx, run, valid.workflow());
      case ParseResult.Invalid invalid -> giveUp(tx, run, invalid);
    }
    Topics.changed(tx, run.id(), run.projectId());
  }

  private void advance(Handle tx, Run run, Workflow workflow) {
    var open = true;
    while (open) {
      var jobs = JobStore.current(tx, run.id());
      var plan =
          RunPlanner.plan(
              workflow, new RunState(contexts(run), states(jobs), run.cancelledBy() != null));
      var rows = new Rows(run, jobs);
      open = false;
      for (var decision : plan.decisions()) {
        switch (decision) {
          case Decision.Start start -> start(tx, rows, start.instance());
          case Decision.Conclude conclude -> conclude(tx, rows, conclude);
          case Decision.Cancel cancel -> open |= cancel(tx, rows, cancel);
        }
      }
      for (var held : plan.held()) {
        JobStore.decided(
            tx, rows.row(tx, held).id(), decided(held), "waits for a sibling to end: max-parallel");
      }
      if (plan.outcome().isPresent()) {
        end(tx, run, Outcome.valueOf(plan.outcome().get().name()));
      }
    }
  }

  /// Another version of Fairway took the workflow and began the run; this one refuses it. What runs
  /// is stopped, nothing more is started, and the run ends as our error.
  private void giveUp(Handle tx, Run run, ParseResult.Invalid invalid) {
    var reason =
        "This version of Fairway refuses the workflow that began the run: "
            + invalid.diagnostics().getFirst();
    DetailStore.annotate(
        tx,
        run.id(),
        REFUSAL_NUMBER + run.attempt(),
        new Annotation(null, -1, "error", reason, run.workflowPath(), 0, 0));
    var running = false;
    for (var job : JobStore.current(tx, run.id())) {
      switch (job.phase()) {
        case WAITING, QUEUED -> endJob(tx, run, job, Outcome.ERROR, reason, NO_OUTPUTS);
        case CLAIMED, RUNNING -> {
          JobStore.askToCancel(tx, job.id(), reason, clock.instant());
          running = true;
        }
        case ENDED -> {}
      }
    }
    if (!running) {
      end(tx, run, Outcome.ERROR);
    }
  }

  /// Ends an attempt that has the run's lock, and records it. The run goes on with [#advance].
  void endJob(Handle tx, Run run, JobRun job, Outcome outcome, String reason, String outputs) {
    var at = clock.instant();
    var why = RunLimits.cut(reason, RunLimits.MAX_MESSAGE_CHARS);
    JobStore.ended(tx, job.id(), outcome, why, outputs, at);
    DetailStore.endSteps(tx, job.id(), outcome, at);
    evidence.jobEnded(tx, run, job, outcome, why, at);
    Database.notify(tx, JobLogs.CHANNEL, job.id().toString());
  }

  /// Asks an attempt to stop: at once where nobody runs it, else through its agent.
  ///
  /// @return whether it has ended
  boolean stop(Handle tx, Run run, JobRun seen, String reason) {
    var job = JobStore.lock(tx, seen.id());
    return switch (job.phase()) {
      case WAITING, QUEUED -> {
        endJob(tx, run, job, Outcome.CANCELLED, reason, NO_OUTPUTS);
        yield true;
      }
      case CLAIMED, RUNNING -> {
        JobStore.askToCancel(tx, job.id(), reason, clock.instant());
        yield false;
      }
      case ENDED -> false;
    };
  }

  /// Queues an attempt in place of one that was lost.
  void replace(Handle tx, Run run, JobRun lost) {
    JobStore.supersede(tx, lost.id());
    var id = Ids.next();
    var row =
        new JobStore.NewJob(
            lost.key(),
            lost.index(),
            lost.position(),
            lost.name(),
            lost.needs(),
            true,
            lost.debug());
    JobStore.insertWaiting(tx, id, run, row, lost.attempt() + 1, "", clock.instant());
    JobStore.decided(
        tx,
        id,
        new JobStore.Decided(
            lost.name(),
            lost.labels(),
            lost.contexts(),
            lost.network(),
            lost.retrySafe(),
            lost.continueOnError(),
            lost.timeoutSeconds()),
        "");
    Queue.add(tx, JobStore.lock(tx, id), clock.instant());
  }

  /// The run's workflow. It was valid when the run was made, for the version that made it.
  static ParseResult parse(Run run) {
    return WorkflowParser.parse(run.workflowPath(), run.workflowText());
  }

  private void start(Handle tx, Rows rows, JobInstance instance) {
    var job = rows.row(tx, instance);
    JobStore.decided(tx, job.id(), decided(instance), "");
    Queue.add(tx, job, clock.instant());
  }

  private void conclude(Handle tx, Rows rows, Decision.Conclude conclude) {
    var job = rows.row(tx, conclude.key(), conclude.name());
    JobStore.named(tx, job.id(), RunLimits.cut(conclude.name(), RunLimits.MAX_NAME_CHARS));
    var outcome = Outcome.valueOf(conclude.outcome().name());
    endJob(tx, rows.run, job, outcome, conclude.reason(), NO_OUTPUTS);
  }

  private boolean cancel(Handle tx, Rows rows, Decision.Cancel cancel) {
    var job = rows.byKey.get(cancel.key());
    return job != null && stop(tx, rows.run, job, cancel.reason());
  }

  private void end(Handle tx, Run run, Outcome outcome) {
    JobStore.dropUndecided(tx, run.id());
    var at = clock.instant();
    RunStore.ended(tx, run.id(), outcome, at);
    evidence.runEnded(tx, run, outcome, JobStore.current(tx, run.id()), at);
  }

  private static JobStore.Decided decided(JobInstance instance) {
    var contexts = new LinkedHashMap<String, Value>();
    contexts.put("matrix", instance.matrix());
    contexts.put("strategy", instance.strategy());
    contexts.put("needs", instance.needs());
    return new JobStore.Decided(
        RunLimits.cut(instance.name(), RunLimits.MAX_NAME_CHARS),
        instance.labels().stream().map(RunLimits::clean).toList(),
        new Value.Obj(contexts).toCompactJson(),
        instance.job().settings().network() == JobSettings.Network.FULL,
        instance.job().settings().retrySafe(),
        instance.continueOnError(),
        instance.timeout().toSeconds());
  }

  private static Contexts contexts(Run run) {
    var contexts = Contexts.empty();
    if (Value.ofJson(run.contexts()) instanceof Value.Obj all) {
      for (var context : all.members().entrySet()) {
        contexts = contexts.with(context.getKey(), context.getValue());
      }
    }
    return contexts;
  }

  private static List<JobState> states(List<JobRun> jobs) {
    var states = new ArrayList<JobState>();
    for (var job : jobs) {
      var key = new JobKey(job.key(), job.index());
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

  /// The rows of a run's jobs; one that a decision needs and is not there yet is added.
  private final class Rows {
    private final Run run;
    private final Map<JobKey, JobRun> byKey = new HashMap<>();
    private final Map<String, JobRun> anyOf = new HashMap<>();

    Rows(Run run, List<JobRun> jobs) {
      this.run = run;
      for (var job : jobs) {
        byKey.put(new JobKey(job.key(), job.index()), job);
        anyOf.putIfAbsent(job.key(), job);
      }
    }

    JobRun row(Handle tx, JobInstance instance) {
      return row(tx, instance.key(), instance.name());
    }

    JobRun row(Handle tx, JobKey key, String name) {
      var known = byKey.get(key);
      if (known != null) {
        return known;
      }
      var sibling = anyOf.get(key.job());
      if (sibling == null) {
        throw new IllegalStateException("run " + run.id() + " has no job " + key);
      }
      var id = Ids.next();
      var row =
          new JobStore.NewJob(
              key.job(),
              key.index(),
              sibling.position(),
              name,
              sibling.needs(),
              false,
              sibling.debug());
      var attempt = JobStore.lastAttempt(tx, run.id(), key.job(), key.index()) + 1;
      JobStore.insertWaiting(tx, id, run, row, attempt, "", clock.instant());
      var added = JobStore.lock(tx, id);
      byKey.put(key, added);
      return added;
    }
  }
}
