package dev.fairway.workflow;

import java.util.Map;
import java.util.Optional;

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
///
/// A job that calls another workflow is never started: the jobs of that workflow are, under paths
/// that begin with its own, and it has ended when they have. It is concluded itself where none of
/// them ever starts, or where its inputs or outputs have no value.
public final class RunPlanner {
  private RunPlanner() {}

  /// Plans the whole moment: what follows from its own conclusions is decided in the same call.
  public static Plan plan(Workflow workflow, RunState state) {
    Board board = new Board(state.jobs());
    Optional<Map<String, JobResult>> results =
        new ScopePlanner(Scope.of(workflow, state), board).settle();
    return board.plan(
        results.map(ended -> state.cancelled() ? Outcome.CANCELLED : JobResult.worst(ended)));
  }
}
