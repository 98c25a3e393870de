package dev.fairway.server.run;

import dev.fairway.api.Outcome;
import dev.fairway.server.run.Groups.Answer;
import dev.fairway.workflow.Concurrency;
import dev.fairway.workflow.JobInstance;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Says whether what the planner wants to start may start now: its environment lets it, and it
/// holds its concurrency groups. The environment comes first, so that nobody holds a group while
/// people make up their minds.
final class Admission {
  private final InstantSource clock;
  private volatile EnvironmentGate gate = EnvironmentGate.NONE;

  Admission(InstantSource clock) {
    this.clock = clock;
  }

  void gate(EnvironmentGate environments) {
    gate = environments;
  }

  /// What is to happen.
  sealed interface Verdict {
    Verdict ENTER = new Enter();

    record Enter() implements Verdict {}

    /// @param reason a sentence without its subject
    record Wait(String reason) implements Verdict {}

    /// It never starts.
    ///
    /// @param reason a sentence without a full stop
    record Stop(Outcome outcome, String reason) implements Verdict {}
  }

  /// Whether the run may begin, or go on.
  Verdict run(Handle tx, Run run, Optional<Concurrency.Group> group) {
    return group
        .map(one -> verdict(Groups.ask(tx, run, one, clock.instant())))
        .orElse(Verdict.ENTER);
  }

  /// Whether a job of it may be queued.
  Verdict job(Handle tx, Run run, JobRun job, JobInstance instance) {
    var environment = instance.environment();
    if (environment.isPresent()) {
      var wish = new EnvironmentGate.Wish(job.id(), run, instance.name(), environment.get().name());
      switch (gate.ask(tx, wish)) {
        case EnvironmentGate.Answer.Open _ -> {}
        case EnvironmentGate.Answer.Waits waits -> {
          return new Verdict.Wait(waits.reason());
        }
        case EnvironmentGate.Answer.Refused refused -> {
          return new Verdict.Stop(Outcome.FAILURE, refused.reason());
        }
      }
    }
    for (var group : instance.concurrency()) {
      var verdict = verdict(Groups.ask(tx, run, group, clock.instant()));
      if (!(verdict instanceof Verdict.Enter)) {
        return verdict;
      }
    }
    return Verdict.ENTER;
  }

  private static Verdict verdict(Answer answer) {
    return switch (answer) {
      case Answer.Held _ -> Verdict.ENTER;
      case Answer.Waits waits -> new Verdict.Wait(waits.reason());
      case Answer.Evicted evicted -> new Verdict.Stop(Outcome.CANCELLED, evicted.reason());
      case Answer.Deadlock deadlock -> new Verdict.Stop(Outcome.FAILURE, deadlock.reason());
    };
  }
}
