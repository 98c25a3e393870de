package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.server.web.StateMark;
import org.jspecify.annotations.Nullable;

/// How the states of runs, jobs and steps look.
public final class Marks {
  private Marks() {}

  public static StateMark of(Run run) {
    return of(run.outcome(), run.phase() == RunPhase.RUNNING);
  }

  public static StateMark of(JobRun job) {
    // One that has come to its turn and says what it waits for is not the same as one to come.
    return job.phase() == JobPhase.WAITING && !job.waitsForSomething()
        ? StateMark.OFF
        : of(job.outcome(), job.phase().leased());
  }

  public static StateMark of(StepRun step) {
    return of(step.conclusion(), true);
  }

  private static StateMark of(@Nullable Outcome outcome, boolean active) {
    if (outcome != null) {
      return StateMark.of(outcome);
    }
    return active ? StateMark.RUN : StateMark.WAIT;
  }

  /// `timed out` for `timed_out`.
  public static String words(String state) {
    return state.replace('_', ' ');
  }
}
