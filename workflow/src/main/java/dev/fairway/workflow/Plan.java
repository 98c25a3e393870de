package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// What [RunPlanner] decided for a moment of a run.
///
/// @param decisions in the order of the file; conclusions that follow from others are included
/// @param held instances that are ready, but wait for `max-parallel`
/// @param outcome of the run, once every job has ended (with the conclusions above carried out)
public record Plan(List<Decision> decisions, List<JobInstance> held, Optional<Outcome> outcome) {
  public Plan {
    decisions = List.copyOf(decisions);
    held = List.copyOf(held);
  }

  public boolean done() {
    return outcome.isPresent();
  }
}
