package dev.fairway.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How a job ended, all instances of its matrix together.
///
/// @param outcome as the jobs that need it see it: a tolerated failure is a success
record JobResult(Outcome outcome, Map<String, String> outputs) {

  static JobResult of(JobState.Finished finished) {
    return new JobResult(finished.outcome(), finished.outputs());
  }

  /// The worst outcome, and of each output the last value that is not empty.
  static JobResult of(List<JobResult> instances) {
    Map<String, String> outputs = new LinkedHashMap<>();
    for (JobResult instance : instances) {
      instance
          .outputs()
          .forEach((name, value) -> outputs.merge(name, value, (a, b) -> b.isEmpty() ? a : b));
    }
    return new JobResult(worst(instances.stream().map(JobResult::outcome).toList()), outputs);
  }

  /// The worst outcome of all jobs of a scope.
  static Outcome worst(Map<String, JobResult> jobs) {
    return worst(jobs.values().stream().map(JobResult::outcome).toList());
  }

  /// The job as the contexts `needs` and `jobs` show it.
  Value context() {
    return new Value.Obj(
        Map.of("result", Value.of(outcome.result()), "outputs", Value.ofStrings(outputs)));
  }

  /// What the user has to look at first: their failure, then time-outs, then our errors, then
  /// cancellations. Skipped ones count only if there is nothing else.
  static Outcome worst(List<Outcome> outcomes) {
    for (Outcome outcome :
        List.of(
            Outcome.FAILURE,
            Outcome.TIMED_OUT,
            Outcome.ERROR,
            Outcome.CANCELLED,
            Outcome.SUCCESS)) {
      if (outcomes.contains(outcome)) {
        return outcome;
      }
    }
    return Outcome.SKIPPED;
  }
}
