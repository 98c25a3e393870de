package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.Database;
import dev.fairway.server.run.log.JobLogs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Ends jobs as their agents say.
///
/// Whoever ends a job holds its run's lock until that is on disk. So the jobs of a run that end
/// meanwhile are ended together by the next one, in one transaction and with one look at what may
/// start now; each hears of its own end when that has committed.
final class Completions {
  /// As many are ended together.
  private static final int MAX_TOGETHER = 64;

  private final Database database;
  private final Scheduler scheduler;
  private final JobLogs logs;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Line> lines = new HashMap<>();

  Completions(Database database, Scheduler scheduler, JobLogs logs, InstantSource clock) {
    this.database = database;
    this.scheduler = scheduler;
    this.logs = logs;
    this.clock = clock;
  }

  /// The jobs of one run that are to end.
  private static final class Line {
    private final List<Ending> waiting = new ArrayList<>();
    private final Condition changed;
    private boolean busy;

    Line(Condition changed) {
      this.changed = changed;
    }
  }

  /// A job that is to end.
  static final class Ending {
    private final Leases.Holder holder;
    private final JobCompletion completion;
    private final String outputs;
    private boolean done;
    private @Nullable RuntimeException failure;

    /// @param outputs of the completion, as JSON
    Ending(Leases.Holder holder, JobCompletion completion, String outputs) {
      this.holder = holder;
      this.completion = completion;
      this.outputs = outputs;
    }
  }

  /// Returns when the job has ended, durably; sent again, it is answered as the first time.
  void end(UUID run, Ending ending) {
    lock.lock();
    try {
      var line = lines.computeIfAbsent(run, _ -> new Line(lock.newCondition()));
      line.waiting.add(ending);
      while (!ending.done) {
        if (line.busy) {
          line.changed.awaitUninterruptibly();
        } else {
          endNext(run, line);
        }
      }
      if (line.waiting.isEmpty() && !line.busy) {
        lines.remove(run, line);
      }
    } finally {
      lock.unlock();
    }
    if (ending.failure != null) {
      throw ending.failure;
    }
  }

  /// Ends those that wait, with the lock given up meanwhile.
  private void endNext(UUID run, Line line) {
    var next = line.waiting.subList(0, Math.min(line.waiting.size(), MAX_TOGETHER));
    var together = List.copyOf(next);
    next.clear();
    line.busy = true;
    lock.unlock();
    @Nullable Map<Ending, RuntimeException> failures = null;
    try {
      failures = endAll(run, together);
    } finally {
      lock.lock();
      line.busy = false;
      for (var ending : together) {
        ending.failure = failures == null ? broken() : failures.get(ending);
        ending.done = true;
      }
      line.changed.signalAll();
    }
  }

  /// What others hear whose job was to end with one in whose thread something broke.
  private static RuntimeException broken() {
    return new FairwayException(
        ErrorCode.INTERNAL, "The job could not be ended", "Complete it again.");
  }

  private Map<Ending, RuntimeException> endAll(UUID run, List<Ending> endings) {
    try {
      return database.transaction(tx -> together(tx, run, endings));
    } catch (RuntimeException e) {
      var failures = new HashMap<Ending, RuntimeException>();
      if (endings.size() == 1 || unavailable(e)) {
        endings.forEach(ending -> failures.put(ending, e));
      } else {
        // One that cannot be ended must not keep the others from it.
        endings.forEach(ending -> failures.putAll(endAll(run, List.of(ending))));
      }
      return failures;
    }
  }

  private static boolean unavailable(RuntimeException e) {
    return e instanceof FairwayException refusal
        && refusal.code() == ErrorCode.DATABASE_UNAVAILABLE;
  }

  /// @return why some of them did not end
  private Map<Ending, RuntimeException> together(Handle tx, UUID id, List<Ending> endings) {
    var run = RunStore.lock(tx, id);
    var ids = endings.stream().map(ending -> ending.holder.job()).distinct().toList();
    var jobs =
        JobStore.lock(tx, ids).stream().collect(Collectors.toMap(JobRun::id, Function.identity()));
    var sizes = logSizes(tx, ids);
    var failures = new HashMap<Ending, RuntimeException>();
    var ends = new HashMap<UUID, RunEvidence.JobEnd>();
    for (var ending : endings) {
      var job = jobs.get(ending.holder.job());
      var answered =
          job != null
              && (job.phase().terminal() || ends.containsKey(job.id()))
              && Leases.owned(job, ending.holder);
      if (job == null
          || (!answered && !job.phase().leased())
          || !Leases.owned(job, ending.holder)) {
        failures.put(ending, Leases.lost(ending.holder));
      } else if (!answered) {
        var completion = ending.completion;
        var missing =
            missing(told(tx, job, sizes.getOrDefault(job.id(), 0L), completion), completion);
        if (missing == null) {
          JobStore.environmentUrl(tx, job.id(), completion.environmentUrl());
          DetailStore.used(tx, job.id(), completion.use());
          ends.put(
              job.id(),
              new RunEvidence.JobEnd(
                  job, outcome(job, completion), reason(job, completion), ending.outputs));
        } else {
          failures.put(ending, missing);
        }
      }
    }
    if (!ends.isEmpty()) {
      var ended = List.copyOf(ends.values());
      scheduler.endJobs(tx, run, ended);
      if (Standstill.after(tx, run, ended)) {
        Topics.changed(tx, run.id(), run.projectId());
      } else {
        scheduler.advance(tx, begun(tx, run));
      }
    }
    return failures;
  }

  private Run begun(Handle tx, Run run) {
    var now = clock.instant();
    if (run.phase() != RunPhase.QUEUED || !RunStore.started(tx, run.id(), now)) {
      return run;
    }
    Events.run(tx, run, "in_progress", now);
    return RunStore.lock(tx, run.id());
  }

  /// How much of a job the server has.
  private record Told(long events, long logSize) {}

  /// Takes what came with the job's result.
  private Told told(Handle tx, JobRun job, long size, JobCompletion completion) {
    var tail = completion.tail();
    if (tail == null) {
      return new Told(job.nextEvent(), size);
    }
    return new Told(
        Leases.take(tx, job, tail.firstEvent(), tail.events()),
        tail.log().length == 0 ? size : logs.append(tx, job.id(), tail.logOffset(), tail.log()));
  }

  private static Map<UUID, Long> logSizes(Handle tx, List<UUID> jobs) {
    return tx
        .createQuery("SELECT job_id, size FROM job_log WHERE job_id = ANY (CAST(:jobs AS uuid[]))")
        .bindArray("jobs", UUID.class, jobs)
        .map((row, _) -> Map.entry(Columns.id(row, "job_id"), row.getLong("size")))
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /// An agent that stops because it was asked to may call that a failure; it was a cancellation.
  private static Outcome outcome(JobRun job, JobCompletion completion) {
    return job.cancelReason() != null && completion.outcome() != Outcome.SUCCESS
        ? Outcome.CANCELLED
        : completion.outcome();
  }

  private static String reason(JobRun job, JobCompletion completion) {
    var asked = job.cancelReason();
    return asked != null && completion.outcome() != Outcome.SUCCESS ? asked : completion.reason();
  }

  private static @Nullable FairwayException missing(Told told, JobCompletion completion) {
    return told.events() < completion.events() || told.logSize() < completion.logSize()
        ? new FairwayException(
            ErrorCode.INCOMPLETE,
            "The job has %d of %d events and %d of %d bytes of log"
                .formatted(
                    told.events(), completion.events(), told.logSize(), completion.logSize()),
            "Send what is missing, then complete the job again.",
            Map.of("events", told.events(), "size", told.logSize()),
            null)
        : null;
  }
}
