package dev.fairway.server.run;

import dev.fairway.server.web.StateMark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The instances of a job's matrix, which a list shows as one line where they are many.
///
/// @param name the job's id, with those of its callers before it
public record JobGroup(String name, List<JobRun> jobs) {
  /// Fewer than that are listed one by one.
  private static final int MANY = 6;

  public JobGroup {
    jobs = List.copyOf(jobs);
  }

  /// In the order of the file.
  static List<JobGroup> of(List<JobRun> jobs) {
    Map<String, List<JobRun>> byKey = new LinkedHashMap<>();
    jobs.forEach(job -> byKey.computeIfAbsent(job.key(), _ -> new ArrayList<>()).add(job));
    return byKey.entrySet().stream()
        .map(each -> new JobGroup(each.getKey().replace("/", " / "), each.getValue()))
        .toList();
  }

  public boolean folds() {
    return jobs.size() >= MANY;
  }

  public boolean has(UUID job) {
    return jobs.stream().anyMatch(one -> one.id().equals(job));
  }

  /// That of the job that most needs looking at.
  public StateMark mark() {
    return Marks.of(JobGraph.worst(jobs));
  }

  /// Such as `20 of 24, 1 failed`.
  public String words() {
    var ended = jobs.stream().filter(job -> job.phase().terminal()).count();
    var bad = jobs.stream().filter(job -> Marks.of(job) == StateMark.BAD).count();
    return ended + " of " + jobs.size() + (bad == 0 ? "" : ", " + bad + " failed");
  }
}
