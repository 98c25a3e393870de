package dev.fairway.workflow;

import java.util.Locale;

/// How a job or a run ended. Failure is the user's command that said no; error is the machine's.
public enum Outcome {
  /// Everything did what it should.
  SUCCESS("success"),
  /// A command of the workflow said no, or an expression of it could not be evaluated.
  FAILURE("failure"),
  /// The machine or Fairway failed, not the workflow.
  ERROR("failure"),
  /// Somebody, or a failed sibling, asked it to stop.
  CANCELLED("cancelled"),
  /// Its condition said no.
  SKIPPED("skipped"),
  /// It ran longer than its `timeout-minutes`.
  TIMED_OUT("failure");

  private final String result;

  Outcome(String result) {
    this.result = result;
  }

  /// The word that `needs.JOB.result`, `job.status` and `steps.ID.outcome` use for it.
  public String result() {
    return result;
  }

  /// As people read it, `timed out`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  public boolean failed() {
    return result.equals("failure");
  }
}
