package dev.fairway.server.run;

import dev.fairway.server.db.Database;
import dev.fairway.server.run.log.JobLogs;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Wakes those who follow a job's log when it has grown, on whichever server that happened.
final class LogWatches implements AutoCloseable {
  private static final class Watched {
    private final QueueSignal signal = new QueueSignal();
    private int watchers;
  }

  private final Map<UUID, Watched> watched = new ConcurrentHashMap<>();

  LogWatches(Database database) {
    database.listen(JobLogs.CHANNEL, this::hear);
  }

  /// The signal of that job's log, until [#leave].
  QueueSignal join(UUID job) {
    return watched.compute(
            job,
            (_, known) -> {
              var one = known == null ? new Watched() : known;
              one.watchers++;
              return one;
            })
        .signal;
  }

  void leave(UUID job) {
    watched.computeIfPresent(job, (_, one) -> --one.watchers == 0 ? null : one);
  }

  private void hear(String job) {
    if (job.isEmpty()) {
      watched.values().forEach(one -> one.signal.signal());
      return;
    }
    var one = watched.get(UUID.fromString(job));
    if (one != null) {
      one.signal.signal();
    }
  }

  @Override
  public void close() {
    watched.values().forEach(one -> one.signal.close());
  }
}
