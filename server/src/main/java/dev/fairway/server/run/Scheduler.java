package dev.fairway.server.run;

import dev.fairway.api.AgentLabels;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.run.Admission.Verdict;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.server.vault.TokenDefaults;
import dev.fairway.workflow.Contexts;
import dev.fairway.workflow.Decision;
import dev.fairway.workflow.EvaluationException;
import dev.fairway.workflow.JobInstance;
import dev.fairway.workflow.JobKey;
import dev.fairway.workflow.JobSettings;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Permissions;
import dev.fairway.workflow.Plan;
import dev.fairway.workflow.RunPlanner;
import dev.fairway.workflow.RunState;
import dev.fairway.workflow.TargetEnvironment;
import dev.fairway.workflow.Value;
import dev.fairway.workflow.Workflow;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Carries out what the planner decides about a run's jobs. Every method needs the run's lock.
final class Scheduler {
  private static final String NO_OUTPUTS = "{}";

  /// Numbers of annotations that no finding about a workflow has.
  private static final long REFUSAL_NUMBER = 1L << 40;

  private final RunEvidence evidence;
  private final InstantSource clock;
  private final Admission admission;

  Scheduler(RunEvidence evidence, InstantSource clock) {
    this.evidence = evidence;
    this.clock = clock;
    this.admission = new Admission(clock);
  }

  /// Lets these decide about jobs that name an environment.
  void gate(EnvironmentGate environments) {
    admission.gate(environments);
  }

  /// Decides what can be decided now. Deciding twice does no harm.
  void advance(Handle tx, Run run) {
    if (run.phase().terminal()) {
      return;
    }
    if (run.phase() == RunPhase.QUEUED && CallFetches.pending(tx, run.id())) {
      if (run.cancelledBy() != null && CallFetches.done(tx, run.id())) {
        end(tx, run, Outcome.CANCELLED);
        Topics.changed(tx, run.id(), run.projectId());
      }
      return;
    }
    switch (Definitions.of(tx, run)) {
      case ParseResult.Valid valid -> {
        try {
          admit(tx, run, valid.workflow());
        } catch (EvaluationException e) {
          giveUp(tx, run, "The workflow cannot be evaluated any more: " + e.getMessage());
        }
      }
      case ParseResult.Invalid invalid ->
          // Another version took the workflow and began the run.
          giveUp(
              tx,
              run,
              "This version of Fairway refuses the workflow that began the run: "
                  + invalid.diagnostics().getFirst());
    }
    Topics.changed(tx, run.id(), run.projectId());
  }

  /// Goes on with a run that has its concurrency group, if it wants one.
  private void admit(Handle tx, Run run, Workflow workflow) {
    var contexts = contexts(run);
    var group = workflow.concurrency(contexts);
    if (run.cancelledBy() != null) {
      if (group.isPresent() && !holdsGroup(tx, run)) {
        abandon(tx, run, "The run was cancelled.");
      } else {
        plan(tx, run, workflow, contexts);
      }
      return;
    }
    switch (admission.run(tx, run, group)) {
      case Verdict.Enter _ -> plan(tx, run, workflow, contexts);
      case Verdict.Wait _ -> {}
      case Verdict.Stop stop -> {
        RunStore.cancel(tx, run.id(), stop.reason());
        admit(tx, RunStore.lock(tx, run.id()), workflow);
      }
    }
  }

  private static boolean holdsGroup(Handle tx, Run run) {
    return Groups.of(tx, run.id()).stream()
        .anyMatch(turn -> turn.holder().isEmpty() && turn.held());
  }

  /// Ends a run that was cancelled before it had its group: nothing of it ran, or may run now.
  private void abandon(Handle tx, Run run, String reason) {
    for (var job : JobStore.current(tx, run.id())) {
      if (!job.phase().terminal()) {
        stop(tx, run, job, reason);
      }
    }
    end(tx, run, Outcome.CANCELLED);
  }

  private void plan(Handle tx, Run run, Workflow workflow, Contexts contexts) {
    var groups = Groups.usedBy(workflow);
    if (groups) {
      stopEvicted(tx, run);
    }
    var open = true;
    while (open) {
      var jobs = JobStore.current(tx, run.id());
      var plan =
          RunPlanner.plan(
              workflow,
              new RunState(
                  contexts,
                  JobRows.states(jobs),
                  run.cancelledBy() != null,
                  standard(tx, run.projectId())));
      var rows = new JobRows(run, workflow, jobs, clock.instant());
      rows.addMissing(tx, named(plan));
      var work = new Work(new ArrayList<>(), new ArrayList<>());
      open = false;
      for (var decision : plan.decisions()) {
        open |=
            switch (decision) {
              case Decision.Start start -> start(tx, run, rows, start.instance(), work);
              case Decision.Conclude conclude -> conclude(tx, run, rows, conclude);
              case Decision.Cancel cancel -> cancel(tx, run, rows, cancel);
            };
      }
      for (var held : plan.held()) {
        var job = rows.row(tx, held.key(), held.name());
        work.decide(job, decided(run, held), "waits for a sibling to end: max-parallel");
      }
      JobStore.decided(tx, work.decisions());
      Queue.add(tx, run.projectId(), work.queued(), clock.instant());
      if (plan.outcome().isPresent()) {
        end(tx, run, Outcome.valueOf(plan.outcome().get().name()));
      }
    }
    if (groups) {
      releaseEnded(tx, run);
    }
  }

  /// What a plan comes to, written down all at once.
  ///
  /// @param queued the ids of jobs that may start
  private record Work(List<JobStore.Decision> decisions, List<UUID> queued) {
    void decide(JobRun job, JobStore.Decided decided, String reason) {
      decisions.add(new JobStore.Decision(job.id(), decided, reason));
    }
  }

  /// The instances of which the plan says that they start or are held.
  private static Map<JobKey, String> named(Plan plan) {
    var named = new LinkedHashMap<JobKey, String>();
    for (var decision : plan.decisions()) {
      if (decision instanceof Decision.Start start) {
        named.put(start.instance().key(), start.instance().name());
      }
    }
    plan.held().forEach(held -> named.put(held.key(), held.name()));
    return named;
  }

  /// What the token of a job may do about which its workflow says nothing.
  static Permissions standard(Handle tx, UUID project) {
    return switch (TokenDefaults.of(tx, project)) {
      case READ -> Permissions.DEFAULT;
      case WRITE -> Permissions.all(Permissions.Level.WRITE);
    };
  }

  /// Stops the jobs whose place in a group somebody else took.
  private void stopEvicted(Handle tx, Run run) {
    for (var turn : Groups.of(tx, run.id())) {
      if (turn.evicted() != null && !turn.holder().isEmpty()) {
        for (var job : JobStore.current(tx, run.id())) {
          if (!job.phase().terminal() && turn.covers(JobRows.key(job).toString())) {
            stop(tx, run, job, turn.evictedBy() + ".");
          }
        }
      }
    }
  }

  /// Passes on the groups of jobs and calls of which nothing is left to do.
  private static void releaseEnded(Handle tx, Run run) {
    var open =
        JobStore.current(tx, run.id()).stream()
            .filter(job -> !job.phase().terminal())
            .map(job -> JobRows.key(job).toString())
            .toList();
    Groups.release(
        tx, run, turn -> !turn.holder().isEmpty() && open.stream().noneMatch(turn::covers));
  }

  /// What runs is stopped, nothing more is started, and the run ends as our error.
  private void giveUp(Handle tx, Run run, String reason) {
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
    endJobs(tx, run, List.of(new RunEvidence.JobEnd(job, outcome, reason, outputs)));
  }

  /// As [#endJob], for several at once.
  void endJobs(Handle tx, Run run, List<RunEvidence.JobEnd> ends) {
    var at = clock.instant();
    var cut =
        ends.stream()
            .map(end ->
                new RunEvidence.JobEnd(
                    end.job(),
                    end.told(),
                    end.outcome(),
                    RunLimits.cut(end.reason(), RunLimits.MAX_MESSAGE_CHARS),
                    end.outputs()))
            .toList();
    JobStore.ended(tx, cut, at);
    evidence.jobsEnded(tx, run, cut, at);
    cut.forEach(end -> Database.notify(tx, JobLogs.CHANNEL, end.job().id().toString()));
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
    var row =
        new JobStore.NewJob(
            lost.key(),
            lost.index(),
            lost.position(),
            lost.name(),
            lost.needs(),
            true,
            lost.debug());
    var id = JobStore.insertWaiting(tx, run, List.of(row), clock.instant()).getFirst().id();
    var decided =
        new JobStore.Decided(
            lost.name(),
            lost.labels(),
            lost.contexts(),
            lost.network(),
            lost.retrySafe(),
            lost.continueOnError(),
            lost.timeoutSeconds(),
            lost.workflowFile(),
            lost.secretsPath(),
            lost.permissions(),
            lost.environment());
    JobStore.decided(tx, List.of(new JobStore.Decision(id, decided, "")));
    Queue.add(tx, run.projectId(), List.of(id), clock.instant());
  }

  /// @return whether it has ended, so that there is more to decide
  private boolean start(Handle tx, Run run, JobRows rows, JobInstance instance, Work work) {
    var job = rows.row(tx, instance.key(), instance.name());
    return switch (admission.job(tx, run, job, instance)) {
      case Verdict.Enter _ -> {
        work.decide(job, decided(run, instance), "");
        work.queued().add(job.id());
        yield false;
      }
      case Verdict.Wait wait -> {
        work.decide(job, decided(run, instance), wait.reason());
        yield false;
      }
      case Verdict.Stop stop -> {
        JobStore.decided(tx, List.of(new JobStore.Decision(job.id(), decided(run, instance), "")));
        endJob(tx, run, job, stop.outcome(), stop.reason() + ".", NO_OUTPUTS);
        yield true;
      }
    };
  }

  /// @return false: the plan has taken it into account
  private boolean conclude(Handle tx, Run run, JobRows rows, Decision.Conclude conclude) {
    var key = conclude.key();
    var job = rows.row(tx, key, conclude.name());
    JobStore.named(tx, job.id(), RunLimits.cut(conclude.name(), RunLimits.MAX_NAME_CHARS));
    var outcome = Outcome.valueOf(conclude.outcome().name());
    endJob(tx, run, job, outcome, conclude.reason(), NO_OUTPUTS);
    JobStore.dropBelow(tx, run.id(), key + "/");
    return false;
  }

  private boolean cancel(Handle tx, Run run, JobRows rows, Decision.Cancel cancel) {
    return rows.find(cancel.key()).map(job -> stop(tx, run, job, cancel.reason())).orElse(false);
  }

  private void end(Handle tx, Run run, Outcome outcome) {
    JobStore.dropUndecided(tx, run.id());
    Groups.release(tx, run, _ -> true);
    var at = clock.instant();
    RunStore.ended(tx, run.id(), outcome, at);
    evidence.runEnded(tx, run, outcome, JobStore.current(tx, run.id()), at);
    Events.run(tx, run, "completed", at);
  }

  private static JobStore.Decided decided(Run run, JobInstance instance) {
    var contexts = new LinkedHashMap<String, Value>();
    contexts.put("matrix", instance.matrix());
    contexts.put("strategy", instance.strategy());
    contexts.put("needs", instance.needs());
    var file = instance.workflow().file();
    var called = !file.equals(run.workflowPath());
    if (called) {
      contexts.put("inputs", instance.inputs());
    }
    return new JobStore.Decided(
        RunLimits.cut(instance.name(), RunLimits.MAX_NAME_CHARS),
        AgentLabels.normal(instance.labels()).stream().map(RunLimits::clean).toList(),
        new Value.Obj(contexts).toCompactJson(),
        instance.job().settings().network() == JobSettings.Network.FULL,
        instance.job().settings().retrySafe(),
        instance.continueOnError(),
        Math.ceilDiv(instance.timeout().toMillis(), 1_000),
        called ? file : null,
        instance.secrets().toJson(),
        Json.MAPPER.writeValueAsString(instance.permissions().words()),
        instance.environment().map(TargetEnvironment.Named::name).orElse(null));
  }

  /// What expressions of the whole run see.
  static Contexts contexts(Run run) {
    var contexts = Contexts.empty();
    if (Value.ofJson(run.contexts()) instanceof Value.Obj all) {
      for (var context : all.members().entrySet()) {
        contexts = contexts.with(context.getKey(), context.getValue());
      }
    }
    return contexts;
  }
}
