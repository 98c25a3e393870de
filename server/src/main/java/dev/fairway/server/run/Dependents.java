package dev.fairway.server.run;

import dev.fairway.workflow.Job;
import dev.fairway.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Who needs whom among the jobs of a run.
///
/// The key of a job that another workflow defines has the path of its callers: `deploy/build`. What
/// it needs is named within its own workflow, and who needs `deploy` needs all jobs below it.
final class Dependents {
  private static final char PATH = '/';

  /// The place in a matrix that a caller's key ends with.
  private static final Pattern PLACE = Pattern.compile("#\\d+");

  private Dependents() {}

  /// What the jobs of a workflow need, and those of the workflows that it calls, by their paths
  /// without places in a matrix: the jobs below a call do not say what the call needs.
  static Map<String, List<String>> calls(Workflow workflow) {
    var calls = new HashMap<String, List<String>>();
    collect("", workflow, calls);
    return calls;
  }

  private static void collect(String scope, Workflow workflow, Map<String, List<String>> calls) {
    for (var job : workflow.jobs().values()) {
      calls.put(scope + job.id(), job.needs());
      if (job instanceof Job.Call call) {
        call.called().ifPresent(called -> collect(scope + job.id() + PATH, called, calls));
      }
    }
  }

  /// The keys of the jobs that need one of these, directly or not.
  ///
  /// @param calls what each caller of a workflow needs, by its key
  static Set<String> of(List<JobRun> jobs, Set<String> keys, Map<String, List<String>> calls) {
    var reached = new HashSet<>(keys);
    var dependents = new HashSet<String>();
    var grows = true;
    // The file may name jobs in any order, so go over them until nothing is added.
    while (grows) {
      grows = false;
      for (var job : jobs) {
        if (!dependents.contains(job.key())
            && needs(job, calls).stream()
                .anyMatch(n -> reached.stream().anyMatch(key -> isPart(key, n)))) {
          dependents.add(job.key());
          reached.add(job.key());
          grows = true;
        }
      }
    }
    return dependents;
  }

  /// What the job needs, and whoever called its workflow, each as a path in the run.
  static List<String> needs(JobRun job, Map<String, List<String>> calls) {
    var needs = new ArrayList<String>();
    job.needs().forEach(need -> needs.add(scope(job.key()) + need));
    for (var scope = scope(job.key()); !scope.isEmpty(); ) {
      var caller = scope.substring(0, scope.length() - 1);
      var outer = scope(caller);
      calls.getOrDefault(plain(caller), List.of()).forEach(need -> needs.add(outer + need));
      scope = outer;
    }
    return needs;
  }

  /// The key without the places of matrices on the way: `deploy/build` for `deploy#2/build`.
  static String plain(String key) {
    return key.indexOf('#') < 0 ? key : PLACE.matcher(key).replaceAll("");
  }

  /// The path of the workflow that defines the job: `deploy/` for `deploy/build`.
  static String scope(String key) {
    return key.substring(0, key.lastIndexOf(PATH) + 1);
  }

  /// Whether the job of that key is the one that is needed, or one of its instances, or of the jobs
  /// of the workflow that it calls.
  static boolean isPart(String key, String need) {
    return key.startsWith(need)
        && (key.length() == need.length()
            || key.charAt(need.length()) == PATH
            || key.charAt(need.length()) == '#');
  }

  /// The keys of these jobs.
  static Set<String> keys(List<JobRun> jobs) {
    return jobs.stream().map(JobRun::key).collect(Collectors.toSet());
  }
}
