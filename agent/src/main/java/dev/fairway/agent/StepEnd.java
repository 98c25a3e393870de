package dev.fairway.agent;

import dev.fairway.api.Outcome;

/// How a step went.
///
/// @param why empty for a success
/// @param tolerated whether the step may end so, and the job goes on
record StepEnd(Outcome outcome, String why, boolean tolerated) {
  static final StepEnd SUCCESS = new StepEnd(Outcome.SUCCESS, "", false);

  /// Ended by a later step of the job, which wanted no more of it.
  static final StepEnd CANCELLED =
      new StepEnd(Outcome.CANCELLED, "A later step has cancelled it", true);

  static final StepEnd SKIPPED = new StepEnd(Outcome.SKIPPED, "", false);

  /// What it counts as for what comes after. Who tolerates a failure makes a success of it, and
  /// none of a cancellation.
  Outcome countsAs() {
    return tolerated && outcome != Outcome.CANCELLED ? Outcome.SUCCESS : outcome;
  }

  boolean stopsOthers() {
    return !tolerated && outcome != Outcome.SUCCESS && outcome != Outcome.SKIPPED;
  }
}
