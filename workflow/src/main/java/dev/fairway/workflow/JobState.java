package dev.fairway.workflow;

import java.util.Map;

/// How far an instance of a job has come, as the caller of [RunPlanner] remembers it. An instance
/// that the caller does not mention has not been decided yet.
public sealed interface JobState {
  JobKey key();

  /// It was given out by [Decision.Start] and has not ended: it waits for an agent, or runs.
  record Active(JobKey key) implements JobState {}

  /// It ended, or was concluded without ever starting. What an agent ran is never `SKIPPED`.
  record Finished(JobKey key, Outcome outcome, Map<String, String> outputs) implements JobState {
    public Finished {
      outputs = Map.copyOf(outputs);
    }
  }
}
