package dev.fairway.workflow;

import java.util.List;

/// A run at one moment, as [RunPlanner] sees it.
///
/// @param contexts `github`, `inputs` and `vars`; never secrets, which only a job sees
/// @param jobs every instance that was started or concluded so far
/// @param cancelled whether somebody asked the whole run to stop
public record RunState(Contexts contexts, List<JobState> jobs, boolean cancelled) {
  public RunState {
    jobs = List.copyOf(jobs);
  }
}
