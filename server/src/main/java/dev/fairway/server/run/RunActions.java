package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Ids;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What people do with runs: cancel, re-run.
final class RunActions {
  private final Scheduler scheduler;
  private final InstantSource clock;

  RunActions(Scheduler scheduler, InstantSource clock) {
    this.scheduler = scheduler;
    this.clock = clock;
  }

  void cancel(Handle tx, UUID runId, String by) {
    var run = RunStore.lock(tx, runId);
    if (run.phase().terminal()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "Run #" + run.number() + " has ended as " + run.stateWord(),
          "There is nothing to cancel.");
    }
    RunStore.cancel(tx, runId, by);
    scheduler.advance(tx, RunStore.lock(tx, runId));
  }

  void cancelJob(Handle tx, UUID jobId, String by) {
    var seen =
        JobStore.find(tx, jobId)
            .orElseThrow(
                () -> new FairwayException(ErrorCode.NOT_FOUND, "There is no job " + jobId, ""));
    var run = RunStore.lock(tx, seen.runId());
    var job = JobStore.lock(tx, jobId);
    switch (job.phase()) {
      case WAITING, ENDED ->
          throw new FairwayException(
              ErrorCode.CONFLICT,
              job.name() + " is " + job.stateWord(),
              "Only a job that is queued or runs can be cancelled; cancel the whole run instead.");
      case QUEUED, CLAIMED, RUNNING -> scheduler.stop(tx, run, job, "Cancelled by " + by + ".");
    }
    scheduler.advance(tx, run);
  }

  /// Executes the run again: all of its jobs, or those that did not succeed and those that need
  /// them. Earlier attempts are kept.
  void rerun(Handle tx, UUID runId, boolean failedOnly, String by) {
    var run = RunStore.lock(tx, runId);
    if (!run.phase().terminal()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "Run #" + run.number() + " has not ended",
          "Cancel it, or wait for its end.");
    }
    var jobs = JobStore.current(tx, runId);
    if (jobs.isEmpty()) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The workflow of run #" + run.number() + " is not valid",
          "Correct " + run.workflowPath() + " and push it.");
    }
    var workflow =
        switch (Scheduler.parse(run)) {
          case ParseResult.Valid valid -> valid.workflow();
          case ParseResult.Invalid invalid ->
              throw new FairwayException(
                  ErrorCode.CONFLICT,
                  "This version of Fairway refuses the workflow of run #"
                      + run.number()
                      + ": "
                      + invalid.diagnostics().getFirst(),
                  "Correct " + run.workflowPath() + " and push it.");
        };
    var again = failedOnly ? failed(workflow, jobs) : jobs;
    if (again.isEmpty()) {
      throw new FairwayException(
          ErrorCode.CONFLICT, "No job of run #" + run.number() + " failed", "Re-run all jobs.");
    }
    var wanted = failedOnly ? again : again.stream().filter(job -> job.index() == 0).toList();
    again.forEach(job -> JobStore.supersede(tx, job.id()));
    for (var job : wanted) {
      var definition = workflow.jobs().get(job.key());
      var name =
          failedOnly || definition == null
              ? job.name()
              : definition.name().map(Object::toString).orElse(job.key());
      var attempt = JobStore.lastAttempt(tx, runId, job.key(), job.index()) + 1;
      var row =
          new JobStore.NewJob(job.key(), job.index(), job.position(), name, job.needs(), false);
      JobStore.insertWaiting(tx, Ids.next(), run, row, attempt, "", clock.instant());
    }
    RunStore.reopen(tx, runId);
    tx.createUpdate("UPDATE run SET contexts = CAST(:contexts AS json) WHERE id = :id")
        .bind("contexts", Origin.again(run.contexts(), run.attempt() + 1, by))
        .bind("id", runId)
        .execute();
    scheduler.advance(tx, RunStore.lock(tx, runId));
  }

  private static List<JobRun> failed(Workflow workflow, List<JobRun> jobs) {
    Set<String> failed = new HashSet<>();
    for (var job : jobs) {
      if (again(job.outcome())) {
        failed.add(job.key());
      }
    }
    // The file may name jobs in any order, so go over it until nothing is added.
    var dependents = new HashSet<String>();
    var grows = !failed.isEmpty();
    while (grows) {
      grows = false;
      for (var job : workflow.jobs().values()) {
        var needed =
            job.needs().stream().anyMatch(n -> failed.contains(n) || dependents.contains(n));
        grows |= needed && dependents.add(job.id());
      }
    }
    return jobs.stream()
        .filter(job -> dependents.contains(job.key()) || again(job.outcome()))
        .toList();
  }

  private static boolean again(@Nullable Outcome outcome) {
    return switch (outcome) {
      case null -> false;
      case FAILURE, ERROR, CANCELLED, TIMED_OUT -> true;
      case SUCCESS, SKIPPED -> false;
    };
  }
}
