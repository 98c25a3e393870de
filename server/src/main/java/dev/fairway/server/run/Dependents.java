package dev.fairway.server.run;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Who needs whom among the jobs of a run.
///
/// The key of a job that another workflow defines has the path of its callers: `deploy/build`. What
/// it needs is named within its own workflow, and who needs `deploy` needs all jobs below it.
final class Dependents {
  private static final char PATH = '/';

  private Dependents() {}

  /// The keys of the jobs that need one of these, directly or not.
  static Set<String> of(List<JobRun> jobs, Set<String> keys) {
    var reached = new HashSet<>(keys);
    var dependents = new HashSet<String>();
    var grows = true;
    // The file may name jobs in any order, so go over them until nothing is added.
    while (grows) {
      grows = false;
      for (var job : jobs) {
        if (!dependents.contains(job.key()) && needs(job).stream().anyMatch(n -> has(reached, n))) {
          dependents.add(job.key());
          reached.add(job.key());
          grows = true;
        }
      }
    }
    return dependents;
  }

  /// What the job needs, each as a path in the run.
  static List<String> needs(JobRun job) {
    var scope = scope(job.key());
    return job.needs().stream().map(need -> scope + need).toList();
  }

  /// The path of the workflow that defines the job: `deploy/` for `deploy/build`.
  static String scope(String key) {
    return key.substring(0, key.lastIndexOf(PATH) + 1);
  }

  private static boolean has(Set<String> reached, String need) {
    return reached.contains(need)
        || reached.stream()
            .anyMatch(key ->
                key.startsWith(need)
                    && key.length() > need.length()
                    && (key.charAt(need.length()) == PATH || key.charAt(need.length()) == '#'));
  }

  /// The keys of these jobs.
  static Set<String> keys(List<JobRun> jobs) {
    return jobs.stream().map(JobRun::key).collect(Collectors.toSet());
  }
}
