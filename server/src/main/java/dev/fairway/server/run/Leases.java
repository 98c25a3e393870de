package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.LogReply;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.GroupCommit;
import dev.fairway.server.http.Permission;
import dev.fairway.server.run.log.JobLogs;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// What an agent may do with a job that it holds. Every call proves the lease by its fence, keeps
/// it alive, and may be sent again.
public final class Leases {
  private final Database database;

  /// Heartbeats of all agents go together.
  private final GroupCommit<Class<Heartbeat>, Holder, Optional<JobRun>> heartbeats;

  private final Completions completions;
  private final ConfirmedJobs confirmed = new ConfirmedJobs();
  private final JobLogs logs;
  private final InstantSource clock;
  private final CrashObserver witness;

  Leases(Database database, Scheduler scheduler, InstantSource clock, CrashObserver witness) {
    this.database = database;
    this.heartbeats = new GroupCommit<>(database, (tx, _, holders) -> prolongFree(tx, holders));
    this.logs = new JobLogs(database);
    this.completions = new Completions(database, scheduler, logs, clock);
    this.clock = clock;
    this.witness = witness;
  }

  /// Who calls about which job.
  ///
  /// @param agent the id of the agent that calls
  public record Holder(UUID job, long fence, UUID agent) {}

  /// A job and its run, as the holder of its lease may see them.
  public record Held(JobRun job, Run run) {
    /// Whether the job's own permissions open that within its project.
    public boolean may(Permission permission) {
      return JobPermissions.granted(job.permissions()).contains(permission);
    }
  }

  Heartbeat.Reply heartbeat(Holder holder) {
    var job =
        heartbeats
            .commit(Heartbeat.class, holder)
            .orElseGet(() -> database.transaction(tx -> extend(tx, holder)));
    confirmed.put(job);
    return new Heartbeat.Reply(
        Objects.requireNonNull(job.leaseUntil()), job.cancelReason() != null);
  }

  /// Extends the lease and answers what it is a lease on; the job cannot lose it before the
  /// transaction ends. Refuses with [ErrorCode#LEASE_LOST] where the caller does not hold it.
  public Held hold(Handle tx, Holder holder) {
    var job = extend(tx, holder);
    return new Held(job, RunStarter.known(tx, job.runId()));
  }

  /// A job that has a lease now, whoever holds it; for callers that come with the job's own token.
  public Held held(Handle tx, UUID job) {
    var found = leased(tx, job);
    return new Held(found, RunStarter.known(tx, found.runId()));
  }

  /// Who holds the lease of that job.
  public Holder holder(Handle tx, UUID job) {
    var found = leased(tx, job);
    return new Holder(job, found.fence(), Objects.requireNonNull(found.agentId()));
  }

  private static JobRun leased(Handle tx, UUID job) {
    return JobStore.find(tx, job)
        .filter(one -> one.phase().leased())
        .orElseThrow(() ->
            new FairwayException(ErrorCode.LEASE_LOST, "Nobody holds a lease on job " + job, ""));
  }

  /// The job that this agent holds now, whatever its fence; for reading only.
  public Held heldBy(Handle tx, UUID job, UUID agent) {
    var found =
        JobStore.find(tx, job)
            .filter(one -> one.phase().leased() && agent.equals(one.agentId()))
            .orElseThrow(() ->
                new FairwayException(
                    ErrorCode.LEASE_LOST,
                    "This agent holds no lease on job " + job,
                    "Stop the job; somebody else may run it."));
    return new Held(found, RunStarter.known(tx, found.runId()));
  }

  JobEvents.Reply events(Holder holder, JobEvents sent) {
    if (sent.events().size() > RunLimits.MAX_EVENTS_OF_A_CALL) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "More than " + RunLimits.MAX_EVENTS_OF_A_CALL + " events in one call",
          "Send them in several.");
    }
    return database.transaction(tx -> {
      var job = extend(tx, holder);
      var news = news(job, sent.first(), sent.events());
      if (news.isPresent()) {
        JobStore.told(tx, job.id(), DetailStore.apply(tx, List.of(news.get())).getFirst());
        Topics.changed(tx, job.runId(), job.projectId());
      }
      return new JobEvents.Reply(expected(job, sent.first(), sent.events().size()));
    });
  }

  /// Those of the events that are new and for which there is room.
  ///
  /// @param first the number of the first one
  /// @return empty where some before them are missing
  static Optional<DetailStore.News> news(JobRun job, long first, List<JobEvent> events) {
    var next = job.nextEvent();
    if (first > next) {
      return Optional.empty();
    }
    var room = Math.max(0, RunLimits.MAX_EVENTS_OF_A_JOB - next);
    return Optional.of(
        new DetailStore.News(job, events.stream().skip(next - first).limit(room).toList()));
  }

  /// The number of the event that is expected after so many from the first one on.
  static long expected(JobRun job, long first, long count) {
    return first > job.nextEvent() ? job.nextEvent() : Math.max(job.nextEvent(), first + count);
  }

  /// Takes a stretch of the job's log; it is durable when this returns.
  LogReply append(Holder holder, long offset, byte[] bytes, JobLogs logs) {
    return database.transaction(tx -> {
      var job = extend(tx, holder);
      return new LogReply(logs.append(tx, job.id(), offset, bytes));
    });
  }

  /// Ends the job as its agent says. Sent again, it is answered as the first time.
  void complete(Holder holder, JobCompletion completion) {
    var outputs = Json.MAPPER.writeValueAsString(completion.outputs());
    if (outputs.length() > JobCompletion.MAX_OUTPUT_CHARS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The outputs of a job may have "
              + JobCompletion.MAX_OUTPUT_CHARS
              + " characters together",
          "Put large values into an artifact.");
    }
    var tail = completion.tail();
    if (tail != null) {
      requireShort(tail);
    }
    completions.end(runOf(holder), new Completions.Ending(holder, completion, outputs));
    confirmed.remove(holder.job());
    witness.reached(CrashPoint.COMPLETED_BEFORE_REPLY);
  }

  /// The run of a job whose claim is confirmed, if not before then now.
  private UUID runOf(Holder holder) {
    return confirmed
        .runOf(holder.job())
        .orElseGet(() -> {
          var job = database.look(tx -> find(tx, holder));
          if (job.phase() == JobPhase.CLAIMED && owned(job, holder)) {
            database.run(tx -> extend(tx, holder));
          }
          return job.runId();
        });
  }

  private static void requireShort(JobCompletion.Tail tail) {
    if (tail.events().size() > JobCompletion.Tail.MAX_EVENTS
        || tail.log().length > JobCompletion.Tail.MAX_LOG_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "A completion may bring %d events and %d bytes of log"
              .formatted(JobCompletion.Tail.MAX_EVENTS, JobCompletion.Tail.MAX_LOG_BYTES),
          "Send them before it.");
    }
  }

  private JobRun extend(Handle tx, Holder holder) {
    return prolong(tx, holder).orElseGet(() -> confirm(tx, holder));
  }

  /// Also confirms the claim of a job whose run has begun, which needs no lock but the job's.
  private Optional<JobRun> prolong(Handle tx, Holder holder) {
    return prolong(tx, List.of(holder), "").stream().findFirst();
  }

  /// As [#prolong], of those whose jobs nobody else is at: who waits for none can wait for each
  /// other with nobody.
  ///
  /// @return in the same order, the jobs whose leases were extended
  private List<Optional<JobRun>> prolongFree(Handle tx, List<Holder> holders) {
    var jobs =
        prolong(tx, holders.stream().distinct().toList(), "SKIP LOCKED").stream()
            .collect(Collectors.toMap(JobRun::id, Function.identity()));
    return holders.stream()
        .map(
            holder -> Optional.ofNullable(jobs.get(holder.job())).filter(job -> owned(job, holder)))
        .toList();
  }

  private List<JobRun> prolong(Handle tx, List<Holder> holders, String whereLocked) {
    // As PostgreSQL keeps it, so that it is known again.
    var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    var jobs =
        tx.createQuery(
                """
                WITH held AS MATERIALIZED (
                  SELECT job.id
                  FROM unnest((SELECT CAST(:jobs AS uuid[])), (SELECT CAST(:fences AS bigint[])),
                              (SELECT CAST(:agents AS uuid[]))) AS holder (job, fence, agent)
                  JOIN job ON job.id = holder.job AND job.fence = holder.fence
                          AND job.agent_id = holder.agent
                  WHERE job.phase = 'running'
                     OR job.phase = 'claimed'
                        AND (SELECT run.phase FROM run WHERE run.id = job.run_id) = 'running'
                  FOR NO KEY UPDATE OF job %s
                )
                UPDATE job
                SET heartbeat_at = :now, lease_until = :until, phase = 'running',
                    started_at = COALESCE(started_at, :now)
                WHERE id = ANY (ARRAY(SELECT id FROM held))
                RETURNING *
                """
                    .formatted(whereLocked))
            .bind("now", now)
            .bind("until", now.plus(RunLimits.LEASE))
            .bindArray("jobs", UUID.class, holders.stream().map(Holder::job).toList())
            .bindArray("fences", Long.class, holders.stream().map(Holder::fence).toList())
            .bindArray("agents", UUID.class, holders.stream().map(Holder::agent).toList())
            .map((row, _) -> JobRun.map(row))
            .list();
    jobs.stream()
        .filter(one -> now.equals(one.startedAt()))
        .forEach(begun -> Topics.changed(tx, begun.runId(), begun.projectId()));
    return jobs;
  }

  /// The first call about the first job of a run that is claimed: from now on both run.
  private JobRun confirm(Handle tx, Holder holder) {
    var run = RunStore.lock(tx, find(tx, holder).runId());
    var job = JobStore.lock(tx, holder.job());
    if (!job.phase().leased() || !owned(job, holder)) {
      throw lost(holder);
    }
    var now = clock.instant();
    if (RunStore.started(tx, run.id(), now)) {
      Events.run(tx, run, "in_progress", now);
    }
    return prolong(tx, holder).orElseThrow(() -> lost(holder));
  }

  private static JobRun find(Handle tx, Holder holder) {
    return JobStore.find(tx, holder.job())
        .orElseThrow(
            () -> new FairwayException(ErrorCode.NOT_FOUND, "There is no job " + holder.job(), ""));
  }

  static boolean owned(JobRun job, Holder holder) {
    return job.fence() == holder.fence() && holder.agent().equals(job.agentId());
  }

  static FairwayException lost(Holder holder) {
    return new FairwayException(
        ErrorCode.LEASE_LOST,
        "The lease " + holder.fence() + " on job " + holder.job() + " has ended",
        "Stop the job; somebody else may run it.");
  }
}
