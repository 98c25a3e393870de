package dev.fairway.server.run;

import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Says whether a job may go to its environment; the stage that keeps environments implements it.
public interface EnvironmentGate {
  /// Of an installation without environments.
  EnvironmentGate NONE =
      (_, wish) -> new Answer.Refused("There is no environment '" + wish.environment() + "'");

  /// Which job wants to go where.
  ///
  /// @param job the attempt that waits
  /// @param name of the job
  record Wish(UUID job, Run run, String name, String environment) {}

  /// What its rules say now.
  sealed interface Answer {
    /// It may start.
    record Open() implements Answer {}

    /// It has to wait; whoever answers so wakes the run ([Runs#wake]) when that changes.
    ///
    /// @param reason what for, a sentence without its subject
    record Waits(String reason) implements Answer {}

    /// It may not start.
    ///
    /// @param reason a sentence without a full stop
    record Refused(String reason) implements Answer {}
  }

  /// Asks; asking again does no harm. The caller has the run's lock.
  Answer ask(Handle tx, Wish wish);
}
