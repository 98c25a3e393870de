package dev.fairway.server.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The jobs that made the run take as long as it did: from the one that ended last, back to
/// whatever it waited for longest.
///
/// @param jobs the first one first
record CriticalPath(List<JobRun> jobs, Set<UUID> ids) {
  CriticalPath {
    jobs = List.copyOf(jobs);
    ids = Set.copyOf(ids);
  }

  /// @param calls what each caller of a workflow needs, by its key
  static CriticalPath of(List<JobRun> all, Map<String, List<String>> calls, Instant now) {
    var path = new ArrayList<JobRun>();
    var next = last(all.stream().filter(job -> job.startedAt() != null).toList(), now);
    var seen = new HashSet<UUID>();
    while (next != null && seen.add(next.id())) {
      path.addFirst(next);
      var needs = Dependents.needs(next, calls);
      next =
          last(
              all.stream()
                  .filter(job -> job.startedAt() != null)
                  .filter(
                      job -> needs.stream().anyMatch(need -> Dependents.isPart(job.key(), need)))
                  .toList(),
              now);
    }
    return new CriticalPath(path, seen);
  }

  boolean has(JobRun job) {
    return ids.contains(job.id());
  }

  private static @Nullable JobRun last(List<JobRun> jobs, Instant now) {
    @Nullable JobRun last = null;
    for (var job : jobs) {
      if (last == null || !end(job, now).isBefore(end(last, now))) {
        last = job;
      }
    }
    return last;
  }

  private static Instant end(JobRun job, Instant now) {
    var ended = job.endedAt();
    return ended == null ? now : ended;
  }
}
