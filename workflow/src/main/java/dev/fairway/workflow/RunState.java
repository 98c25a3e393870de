package dev.fairway.workflow;

import java.util.List;

/// A run at one moment, as [RunPlanner] sees it.
///
/// @param contexts `github`, `inputs` and `vars`; never secrets, which only a job sees
/// @param jobs every instance that was started or concluded so far
/// @param cancelled whether somebody asked the whole run to stop
/// @param standard the permissions of a job about which its workflow says nothing
public record RunState(
    Contexts contexts, List<JobState> jobs, boolean cancelled, Permissions standard) {
  /// Where the language's own permissions hold for what a workflow does not say.
  public RunState(Contexts contexts, List<JobState> jobs, boolean cancelled) {
    this(contexts, jobs, cancelled, Permissions.DEFAULT);
  }

  public RunState {
    jobs = List.copyOf(jobs);
  }
}
