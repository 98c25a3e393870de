package dev.fairway.workflow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the status functions say in the condition of a job. Without names they look at everything
/// that the job depends on, however far away: a failure or a skip travels down the whole chain
/// until a condition stops it.
record NeedsStatus(Job job, Map<String, JobResult> results, Workflow workflow, boolean cancelled)
    implements Contexts.Status {

  @Override
  public boolean success(List<String> jobs) {
    return !cancelled && asked(jobs).stream().allMatch(outcome -> outcome == Outcome.SUCCESS);
  }

  @Override
  public boolean failure(List<String> jobs) {
    return !cancelled && asked(jobs).stream().anyMatch(Outcome::failed);
  }

  private List<Outcome> asked(List<String> jobs) {
    return (jobs.isEmpty() ? ancestors() : named(jobs)).stream().map(this::outcome).toList();
  }

  private Outcome outcome(String id) {
    JobResult result = results.get(id);
    return result == null ? Outcome.SKIPPED : result.outcome();
  }

  private Set<String> named(List<String> jobs) {
    for (String name : jobs) {
      if (!job.needs().contains(name)) {
        throw new EvaluationException("The job '" + name + "' is not in needs");
      }
    }
    return new LinkedHashSet<>(jobs);
  }

  private Set<String> ancestors() {
    Set<String> seen = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(job.needs());
    while (!open.isEmpty()) {
      String id = open.remove();
      Job needed = workflow.jobs().get(id);
      if (seen.add(id) && needed != null) {
        open.addAll(needed.needs());
      }
    }
    return seen;
  }
}
