package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.LogReply;
import dev.fairway.api.Outcome;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.Database;
import dev.fairway.server.run.log.JobLogs;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What an agent may do with a job that it holds. Every call proves the lease by its fence, keeps
/// it alive, and may be sent again.
public final class Leases {
  private final Database database;
  private final Scheduler scheduler;
  private final InstantSource clock;
  private final CrashObserver witness;

  Leases(Database database, Scheduler scheduler, InstantSource clock, CrashObserver witness) {
    this.database = database;
    this.scheduler = scheduler;
    this.clock = clock;
    this.witness = witness;
  }

  /// Who calls about which job.
  ///
  /// @param agent the id of the agent that calls
  public record Holder(UUID job, long fence, UUID agent) {}

  /// A job and its run, as the holder of its lease may see them.
  public record Held(JobRun job, Run run) {}

  Heartbeat.Reply heartbeat(Holder holder) {
    return database.transaction(tx -> {
      var job = extend(tx, holder);
      return new Heartbeat.Reply(clock.instant().plus(RunLimits.LEASE), job.cancelReason() != null);
    });
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
      var next = job.nextEvent();
      if (sent.first() > next) {
        return new JobEvents.Reply(next);
      }
      for (var event : sent.events().stream().skip(next - sent.first()).toList()) {
        if (next < RunLimits.MAX_EVENTS_OF_A_JOB) {
          DetailStore.apply(tx, job, next, event);
        }
        next++;
      }
      tx.createUpdate("UPDATE job SET next_event = :next WHERE id = :id")
          .bind("next", next)
          .bind("id", job.id())
          .execute();
      Topics.changed(tx, job.runId(), job.projectId());
      return new JobEvents.Reply(next);
    });
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
    database.run(tx -> {
      var run = RunStore.lock(tx, find(tx, holder).runId());
      var job = JobStore.lock(tx, holder.job());
      if (job.phase().terminal() && owned(job, holder)) {
        return;
      }
      if (!job.phase().leased() || !owned(job, holder)) {
        throw lost(holder);
      }
      requireAll(tx, job, completion);
      JobStore.environmentUrl(tx, job.id(), completion.environmentUrl());
      DetailStore.used(tx, job.id(), completion.use());
      scheduler.endJob(tx, run, job, outcome(job, completion), reason(job, completion), outputs);
      if (RunStore.started(tx, run.id(), clock.instant())) {
        Events.run(tx, run, "in_progress", clock.instant());
      }
      scheduler.advance(tx, RunStore.lock(tx, run.id()));
    });
    witness.reached(CrashPoint.COMPLETED_BEFORE_REPLY);
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

  private static void requireAll(Handle tx, JobRun job, JobCompletion completion) {
    var logSize =
        tx.createQuery("SELECT size FROM job_log WHERE job_id = :job")
            .bind("job", job.id())
            .mapTo(Long.class)
            .findOne()
            .orElse(0L);
    if (job.nextEvent() < completion.events() || logSize < completion.logSize()) {
      throw new FairwayException(
          ErrorCode.INCOMPLETE,
          "The job has %d of %d events and %d of %d bytes of log"
              .formatted(job.nextEvent(), completion.events(), logSize, completion.logSize()),
          "Send what is missing, then complete the job again.",
          Map.of("events", job.nextEvent(), "size", logSize),
          null);
    }
  }

  private JobRun extend(Handle tx, Holder holder) {
    return prolong(tx, holder).orElseGet(() -> confirm(tx, holder));
  }

  private Optional<JobRun> prolong(Handle tx, Holder holder) {
    var now = clock.instant();
    return tx.createQuery(
            """
            UPDATE job SET heartbeat_at = :now, lease_until = :until
            WHERE id = :id AND fence = :fence AND agent_id = :agent AND phase = 'running'
            RETURNING *
            """)
        .bind("now", now)
        .bind("until", now.plus(RunLimits.LEASE))
        .bind("id", holder.job())
        .bind("fence", holder.fence())
        .bind("agent", holder.agent())
        .map((row, _) -> JobRun.map(row))
        .findOne();
  }

  /// The first call about a claimed job: from now on it runs.
  private JobRun confirm(Handle tx, Holder holder) {
    var run = RunStore.lock(tx, find(tx, holder).runId());
    var job = JobStore.lock(tx, holder.job());
    if (!job.phase().leased() || !owned(job, holder)) {
      throw lost(holder);
    }
    var now = clock.instant();
    tx.createUpdate("UPDATE job SET phase = 'running', started_at = :now WHERE id = :id")
        .bind("now", now)
        .bind("id", job.id())
        .execute();
    if (RunStore.started(tx, run.id(), now)) {
      Events.run(tx, run, "in_progress", now);
    }
    Topics.changed(tx, run.id(), run.projectId());
    return prolong(tx, holder).orElseThrow(() -> lost(holder));
  }

  private static JobRun find(Handle tx, Holder holder) {
    return JobStore.find(tx, holder.job())
        .orElseThrow(
            () -> new FairwayException(ErrorCode.NOT_FOUND, "There is no job " + holder.job(), ""));
  }

  private static boolean owned(JobRun job, Holder holder) {
    return job.fence() == holder.fence() && holder.agent().equals(job.agentId());
  }

  private static FairwayException lost(Holder holder) {
    return new FairwayException(
        ErrorCode.LEASE_LOST,
        "The lease " + holder.fence() + " on job " + holder.job() + " has ended",
        "Stop the job; somebody else may run it.");
  }
}
