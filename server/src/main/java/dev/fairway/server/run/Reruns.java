package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.evidence.PredicateType;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Executes jobs of a run once more, on the same commit and the same text of the workflow.
final class Reruns {
  private final Scheduler scheduler;
  private final RunEvidence evidence;
  private final InstantSource clock;

  Reruns(Scheduler scheduler, RunEvidence evidence, InstantSource clock) {
    this.scheduler = scheduler;
    this.evidence = evidence;
    this.clock = clock;
  }

  void rerun(Handle tx, UUID runId, Again what, String by) {
    var run = RunStore.lock(tx, runId);
    var jobs = JobStore.current(tx, runId);
    if (jobs.isEmpty()) {
      requireEnded(run);
      throw run.cancelledBy() == null
          ? refused(
              "The workflow of run #" + run.number() + " is not valid",
              "Correct " + run.workflowPath() + " and push it.")
          : refused(
              "Run #" + run.number() + " was cancelled before it had jobs",
              "Start its workflow anew.");
    }
    var workflow = workflow(tx, run);
    var chosen =
        switch (what) {
          case Again.All _ -> {
            requireEnded(run);
            yield jobs;
          }
          case Again.Failed _ -> {
            requireEnded(run);
            yield failed(run, workflow, jobs);
          }
          case Again.One one -> one(run, workflow, jobs, one);
        };
    if (what instanceof Again.All) {
      all(tx, run, workflow, jobs, what.debug());
    } else {
      again(tx, run, chosen, what.debug());
    }
    record(tx, run, what, chosen, by);
    if (run.phase().terminal()) {
      reopen(tx, run, by);
    }
    scheduler.advance(tx, RunStore.lock(tx, runId));
  }

  /// What the ledger says about it.
  ///
  /// @param attempt of the run, as it goes on
  record RerunPredicate(
      UUID project,
      UUID run,
      long number,
      int attempt,
      String what,
      boolean debug,
      List<String> jobs,
      Instant at) {
    RerunPredicate {
      jobs = List.copyOf(jobs);
    }
  }

  private void record(Handle tx, Run run, Again what, List<JobRun> jobs, String by) {
    var predicate =
        new RerunPredicate(
            run.projectId(),
            run.id(),
            run.number(),
            run.phase().terminal() ? run.attempt() + 1 : run.attempt(),
            what.word(),
            what.debug(),
            jobs.stream().map(JobRun::name).toList(),
            clock.instant());
    evidence.record(tx, PredicateType.RERUN, run, predicate, by);
  }

  private static void requireEnded(Run run) {
    if (!run.phase().terminal()) {
      throw refused(
          "Run #" + run.number() + " has not ended",
          "Cancel it, wait for its end, or re-run one of its jobs.");
    }
  }

  private static Workflow workflow(Handle tx, Run run) {
    return switch (Definitions.of(tx, run)) {
      case ParseResult.Valid valid -> valid.workflow();
      case ParseResult.Invalid invalid ->
          throw refused(
              "This version of Fairway refuses the workflow of run #"
                  + run.number()
                  + ": "
                  + invalid.diagnostics().getFirst(),
              "Correct " + run.workflowPath() + " and push it.");
    };
  }

  private static List<JobRun> failed(Run run, Workflow workflow, List<JobRun> jobs) {
    var failed = jobs.stream().filter(job -> failed(job.outcome())).toList();
    if (failed.isEmpty()) {
      throw refused("No job of run #" + run.number() + " failed", "Re-run all jobs.");
    }
    var dependents = Dependents.of(jobs, Dependents.keys(failed), Dependents.calls(workflow));
    return jobs.stream()
        .filter(job -> dependents.contains(job.key()) || failed(job.outcome()))
        .toList();
  }

  /// That job and those that need it; none of them may be at work.
  private static List<JobRun> one(Run run, Workflow workflow, List<JobRun> jobs, Again.One wanted) {
    var job =
        jobs.stream()
            .filter(each -> each.id().equals(wanted.job()))
            .findFirst()
            .orElseThrow(() ->
                refused(
                    "That is not the latest attempt of a job of run #" + run.number(),
                    "Look at the run again."));
    if (!job.phase().terminal()) {
      throw refused(job.name() + " is " + job.stateWord(), "Cancel the job, or wait for its end.");
    }
    if (!run.phase().terminal() && run.cancelledBy() != null) {
      throw refused(
          "Run #" + run.number() + " was cancelled by " + run.cancelledBy(),
          "Wait until its jobs have stopped.");
    }
    var dependents = Dependents.of(jobs, Set.of(job.key()), Dependents.calls(workflow));
    var again =
        jobs.stream()
            .filter(each -> each.id().equals(job.id()) || dependents.contains(each.key()))
            .toList();
    for (var each : again) {
      if (each.phase() == JobPhase.QUEUED || each.phase().leased()) {
        throw refused(
            "%s needs %s and is %s".formatted(each.name(), job.name(), each.stateWord()),
            "Cancel " + each.name() + ", or wait for its end.");
      }
    }
    return again;
  }

  /// Gives each of them its next attempt; those that have not been decided yet still have it.
  private void again(Handle tx, Run run, List<JobRun> jobs, boolean debug) {
    for (var job : jobs) {
      if (job.phase().terminal()) {
        JobStore.supersede(tx, job.id());
        add(tx, run, job, job.name(), debug);
      } else if (debug) {
        JobStore.debug(tx, job.id());
      }
    }
  }

  /// A matrix may come out differently, so each job begins with one place.
  private void all(Handle tx, Run run, Workflow workflow, List<JobRun> jobs, boolean debug) {
    jobs.forEach(job -> JobStore.supersede(tx, job.id()));
    JobRows.addAll(tx, run, workflow, clock.instant(), debug);
  }

  private void add(Handle tx, Run run, JobRun job, String name, boolean debug) {
    var row =
        new JobStore.NewJob(
            job.key(), job.index(), job.position(), name, job.needs(), false, debug);
    JobStore.insertWaiting(tx, run, List.of(row), clock.instant());
  }

  private static void reopen(Handle tx, Run run, String by) {
    RunStore.reopen(tx, run.id());
    tx.createUpdate("UPDATE run SET contexts = CAST(:contexts AS json) WHERE id = :id")
        .bind("contexts", Origin.again(run.contexts(), run.attempt() + 1, by))
        .bind("id", run.id())
        .execute();
  }

  private static boolean failed(@Nullable Outcome outcome) {
    return switch (outcome) {
      case null -> false;
      case FAILURE, ERROR, CANCELLED, TIMED_OUT -> true;
      case SUCCESS, SKIPPED -> false;
    };
  }

  private static FairwayException refused(String what, String next) {
    return new FairwayException(ErrorCode.CONFLICT, what, next);
  }
}
