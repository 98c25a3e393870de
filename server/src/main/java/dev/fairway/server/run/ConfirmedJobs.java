package dev.fairway.server.run;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Which runs the jobs belong to whose claims were confirmed to this server. Neither changes, so it
/// need not be asked again.
final class ConfirmedJobs {
  /// More than that are forgotten, and looked for again.
  private static final int MAX_JOBS = 10_000;

  private final Map<UUID, UUID> runs = new ConcurrentHashMap<>();

  void put(JobRun job) {
    if (runs.size() >= MAX_JOBS) {
      runs.clear();
    }
    runs.put(job.id(), job.runId());
  }

  void remove(UUID job) {
    runs.remove(job);
  }

  /// The job's run; empty where that has to be looked up.
  Optional<UUID> runOf(UUID job) {
    return Optional.ofNullable(runs.get(job));
  }
}
