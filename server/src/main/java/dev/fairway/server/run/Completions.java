package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.Outcome;
import dev.fairway.api.ResourceUse;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.GroupCommit;
import dev.fairway.server.run.log.JobLogs;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/// Ends jobs as their agents say.
///
/// Whoever ends a job holds its run's lock until that is on disk. So the jobs of a run that end
/// meanwhile are ended together, with one look at what may start now.
final class Completions {
  private final GroupCommit<UUID, Ending, Optional<FairwayException>> commits;
  private final Scheduler scheduler;
  private final JobLogs logs;
  private final InstantSource clock;

  Completions(Database database, Scheduler scheduler, JobLogs logs, InstantSource clock) {
    this.commits = new GroupCommit<>(database, this::together);
    this.scheduler = scheduler;
    this.logs = logs;
    this.clock = clock;
  }

  /// A job that is to end.
  ///
  /// @param outputs of the completion, as JSON
  record Ending(Leases.Holder holder, JobCompletion completion, String outputs) {
    private UUID job() {
      return holder.job();
    }
  }

  /// Returns when the job has ended, durably; sent again, it is answered as the first time.
  void end(UUID run, Ending ending) {
    commits
        .commit(run, ending)
        .ifPresent(refusal -> {
          throw refusal;
        });
  }

  /// @return why some of them did not end
  private List<Optional<FairwayException>> together(Handle tx, UUID id, List<Ending> endings) {
    var run = RunStore.lock(tx, id);
    var jobs =
        JobStore.lock(tx, endings.stream().map(Ending::job).distinct().toList()).stream()
            .collect(Collectors.toMap(JobRun::id, Function.identity()));
    // Of a job that is to end twice, the first time counts.
    var fresh = new LinkedHashMap<UUID, Ending>();
    for (var ending : endings) {
      var job = jobs.get(ending.job());
      if (job != null && job.phase().leased() && Leases.owned(job, ending.holder())) {
        fresh.putIfAbsent(job.id(), ending);
      }
    }
    var missing = end(tx, run, jobs, List.copyOf(fresh.values()));
    return endings.stream()
        .map(ending -> {
          var job = jobs.get(ending.job());
          return job == null || !Leases.owned(job, ending.holder()) || !known(job)
              ? Optional.of(Leases.lost(ending.holder()))
              : Optional.ofNullable(missing.get(job.id()));
        })
        .toList();
  }

  /// Whether somebody holds it, or did until it ended.
  private static boolean known(JobRun job) {
    return job.phase().leased() || job.phase().terminal();
  }

  /// @param jobs by id, as they were before
  /// @return by job, what is missing of those that did not end
  private Map<UUID, FairwayException> end(
      Handle tx, Run run, Map<UUID, JobRun> jobs, List<Ending> endings) {
    var told = events(tx, jobs, endings);
    var sizes = logs(tx, endings);
    var missing = new HashMap<UUID, FairwayException>();
    var ends = new ArrayList<RunEvidence.JobEnd>();
    var uses = new HashMap<UUID, ResourceUse>();
    for (var ending : endings) {
      var job = Objects.requireNonNull(jobs.get(ending.job()));
      var now = told.getOrDefault(job.id(), job.told());
      var completion = ending.completion();
      var size = sizes.getOrDefault(job.id(), 0L);
      if (received(job, now, completion) < completion.events() || size < completion.logSize()) {
        JobStore.told(tx, job.id(), now);
        Topics.changed(tx, run.id(), run.projectId());
        missing.put(job.id(), incomplete(received(job, now, completion), size, completion));
      } else {
        JobStore.environmentUrl(tx, job.id(), completion.environmentUrl());
        var use = completion.use();
        if (use != null && !use.equals(ResourceUse.UNKNOWN)) {
          uses.put(job.id(), use);
        }
        ends.add(
            new RunEvidence.JobEnd(
                job, now, outcome(job, completion), reason(job, completion), ending.outputs()));
      }
    }
    DetailStore.used(tx, uses);
    if (!ends.isEmpty()) {
      scheduler.endJobs(tx, run, ends);
      if (Standstill.after(tx, run, ends)) {
        Topics.changed(tx, run.id(), run.projectId());
      } else {
        scheduler.advance(tx, begun(tx, run));
      }
    }
    return missing;
  }

  private Run begun(Handle tx, Run run) {
    var now = clock.instant();
    if (run.phase() != RunPhase.QUEUED || !RunStore.started(tx, run.id(), now)) {
      return run;
    }
    Events.run(tx, run, "in_progress", now);
    return RunStore.lock(tx, run.id());
  }

  /// Takes the events that came with the jobs' results.
  private static Map<UUID, JobRun.Told> events(
      Handle tx, Map<UUID, JobRun> jobs, List<Ending> endings) {
    var news = new ArrayList<DetailStore.News>();
    for (var ending : endings) {
      var tail = ending.completion().tail();
      if (tail != null) {
        var job = Objects.requireNonNull(jobs.get(ending.job()));
        Leases.news(job, tail.firstEvent(), tail.events()).ifPresent(news::add);
      }
    }
    var told = DetailStore.apply(tx, news);
    return IntStream.range(0, news.size())
        .boxed()
        .collect(Collectors.toMap(n -> news.get(n).job().id(), told::get));
  }

  /// How many of its events the job's agent need not send any more.
  private static long received(JobRun job, JobRun.Told now, JobCompletion completion) {
    var tail = completion.tail();
    return tail == null
        ? now.nextEvent()
        : Leases.expected(job, tail.firstEvent(), tail.events().size());
  }

  /// Takes what of the logs came with the jobs' results.
  ///
  /// @return the sizes of those that there are
  private Map<UUID, Long> logs(Handle tx, List<Ending> endings) {
    var sizes = new HashMap<>(logSizes(tx, endings.stream().map(Ending::job).toList()));
    var begun = new HashMap<UUID, byte[]>();
    for (var ending : endings) {
      var tail = ending.completion().tail();
      if (tail == null || tail.log().length == 0) {
        continue;
      }
      if (tail.logOffset() == 0 && !sizes.containsKey(ending.job())) {
        begun.put(ending.job(), tail.log());
        sizes.put(ending.job(), (long) tail.log().length);
      } else {
        sizes.put(ending.job(), logs.append(tx, ending.job(), tail.logOffset(), tail.log()));
      }
    }
    logs.begin(tx, begun);
    return sizes;
  }

  private static Map<UUID, Long> logSizes(Handle tx, List<UUID> jobs) {
    return tx
        .createQuery(
            """
            SELECT job_id, size
            FROM unnest((SELECT CAST(:jobs AS uuid[]))) AS wanted (job_id) JOIN job_log USING (job_id)
            """)
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

  private static FairwayException incomplete(long events, long size, JobCompletion completion) {
    return new FairwayException(
        ErrorCode.INCOMPLETE,
        "The job has %d of %d events and %d of %d bytes of log"
            .formatted(events, completion.events(), size, completion.logSize()),
        "Send what is missing, then complete the job again.",
        Map.of("events", events, "size", size),
        null);
  }
}
