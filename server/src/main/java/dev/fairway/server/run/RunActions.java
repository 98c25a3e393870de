package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.time.InstantSource;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What people do with runs: cancel, re-run.
final class RunActions {
  private final Scheduler scheduler;
  private final Reruns reruns;

  RunActions(Scheduler scheduler, RunEvidence evidence, InstantSource clock) {
    this.scheduler = scheduler;
    this.reruns = new Reruns(scheduler, evidence, clock);
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

  /// Executes jobs of the run again.
  void rerun(Handle tx, UUID runId, Again what, String by) {
    reruns.rerun(tx, runId, what, by);
  }
}
