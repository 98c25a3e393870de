package dev.fairway.agent;

import dev.fairway.api.Outcome;

/// How a step went.
///
/// @param why empty for a success
/// @param tolerated whether the step failed and may
record StepEnd(Outcome outcome, String why, boolean tolerated) {
  static final StepEnd SUCCESS = new StepEnd(Outcome.SUCCESS, "", false);
  static final StepEnd SKIPPED = new StepEnd(Outcome.SKIPPED, "", false);

  /// What it counts as for what comes after.
  Outcome countsAs() {
    return tolerated ? Outcome.SUCCESS : outcome;
  }

  boolean stopsOthers() {
    return countsAs() != Outcome.SUCCESS && countsAs() != Outcome.SKIPPED;
  }
}
