package dev.fairway.cli;

import dev.fairway.workflow.Job;
import dev.fairway.workflow.Workflow;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Part of a workflow: one job, and those that it needs.
final class ChosenJobs {
  private static final String BELOW_CALL = "/";

  private ChosenJobs() {}

  /// @param path of a job, `build`, or below a call `deploy/build`
  /// @return the workflow with this job and those that it needs, directly or not, on each level;
  ///   empty if it has no such job
  static Optional<Workflow> only(Workflow workflow, String path) {
    var slash = path.indexOf(BELOW_CALL);
    var id = slash < 0 ? path : path.substring(0, slash);
    var job = workflow.jobs().get(id);
    if (job == null) {
      return Optional.empty();
    }
    var chosen = slash < 0 ? Optional.of(job) : below(job, path.substring(slash + 1));
    return chosen.map(it -> {
      var jobs = new LinkedHashMap<String, Job>();
      var wanted = new LinkedHashSet<String>();
      need(workflow, id, wanted);
      workflow
          .jobs()
          .forEach((name, defined) -> {
            if (wanted.contains(name)) {
              jobs.put(name, name.equals(id) ? it : defined);
            }
          });
      return workflow.with(jobs);
    });
  }

  private static Optional<Job> below(Job job, String path) {
    return switch (job) {
      case Job.Steps _ -> Optional.empty();
      case Job.Call call ->
          call.called()
              .flatMap(called -> only(called, path))
              .map(some ->
                  new Job.Call(
                      call.header(),
                      call.uses(),
                      call.usesPosition(),
                      call.with(),
                      call.secrets(),
                      Optional.of(some)));
    };
  }

  private static void need(Workflow workflow, String job, Set<String> wanted) {
    var defined = workflow.jobs().get(job);
    if (defined != null && wanted.add(job)) {
      defined.needs().forEach(needed -> need(workflow, needed, wanted));
    }
  }
}
