package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.workflow.Job;
import dev.fairway.workflow.ParseResult;
import dev.fairway.workflow.Workflow;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Tells when the end of a job leaves nothing to decide about its run, which most ends do: nobody
/// waits for it, others still run, and nothing failed that they would have to stop for. To plan the
/// run again costs its jobs' rows, all of them, each time.
final class Standstill {
  private Standstill() {}

  /// Whether a run that goes on has nothing to decide after these of its jobs have ended, which
  /// needs the run's lock.
  static boolean after(Handle tx, Run run, List<RunEvidence.JobEnd> ends) {
    return run.phase() == RunPhase.RUNNING
        && run.cancelledBy() == null
        && ends.stream().allMatch(end -> end.outcome() == Outcome.SUCCESS)
        && Definitions.of(tx, run) instanceof ParseResult.Valid(var workflow, _)
        && everyJobHasRows(workflow)
        && !Groups.usedBy(workflow)
        && othersRun(tx, run);
  }

  /// The instances of a call have none before they begin.
  private static boolean everyJobHasRows(Workflow workflow) {
    return workflow.jobs().values().stream().noneMatch(Job.Call.class::isInstance);
  }

  private static boolean othersRun(Handle tx, Run run) {
    return tx.createQuery(
            """
            SELECT COALESCE(bool_and(phase <> 'waiting') AND bool_or(phase <> 'ended'), false)
            FROM job WHERE run_id = :run AND current
            """)
        .bind("run", run.id())
        .mapTo(Boolean.class)
        .one();
  }
}
