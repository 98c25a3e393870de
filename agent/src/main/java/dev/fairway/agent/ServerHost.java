package dev.fairway.agent;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import dev.fairway.api.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// The host of a job that a server has given out. Log and events go to spools on disk; one thread
/// carries them to the server as fast as it takes them, and one keeps the lease alive. While the
/// server is away the job goes on; when it is back it says how much it has, and the rest follows.
///
/// When the server says that the lease is lost, the job is abandoned.
final class ServerHost implements JobHost, AutoCloseable {
  static final int LOG_CHUNK_BYTES = 1024 * 1024;
  static final int EVENTS_PER_CALL = 200;

  /// No further event is added to a call that has so many bytes; with the largest one on top it is
  /// still below what the server takes.
  static final int EVENT_BYTES_PER_CALL = 128 * 1024;

  /// Small writes are collected for as long as nobody notices.
  private static final Duration LINGER = Duration.ofMillis(50);

  private static final Duration MIN_HEARTBEAT = Duration.ofMillis(200);

  /// Also how long a cancellation may take to arrive.
  private static final Duration MAX_HEARTBEAT = Duration.ofSeconds(2);

  /// For transfers the job waits; longer than any restart of a server.
  private static final Duration TRANSFER_PATIENCE = Duration.ofMinutes(30);

  private final JobAssignment job;
  private final ServerClient server;
  private final Cancellation cancellation;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Spool log;
  private final Spool events;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread carrier;
  private final Thread heart;
  private long logSent;
  private long eventsSent;
  private boolean finishing;
  private boolean closed;

  private ServerHost(
      JobAssignment job,
      ServerClient server,
      Cancellation cancellation,
      InstantSource clock,
      RandomGenerator random,
      Path spool)
      throws IOException {
    this.job = job;
    this.server = server;
    this.cancellation = cancellation;
    this.clock = clock;
    this.random = random;
    Files.createDirectories(spool);
    this.log = new Spool(spool.resolve("log"), "log");
    this.events = new Spool(spool.resolve("events"), "events");
    this.carrier = Thread.ofVirtual().name("carrier-" + job.job()).unstarted(this::carry);
    this.heart = Thread.ofVirtual().name("heart-" + job.job()).unstarted(this::beat);
  }

  /// @param spool a folder for this job that no job can see
  static ServerHost open(
      JobAssignment job,
      ServerClient server,
      Cancellation cancellation,
      InstantSource clock,
      RandomGenerator random,
      Path spool)
      throws IOException {
    var host = new ServerHost(job, server, cancellation, clock, random, spool);
    host.carrier.start();
    host.heart.start();
    return host;
  }

  @Override
  public void log(byte[] bytes, int length) {
    log.append(bytes, length);
    signal();
  }

  @Override
  public void event(JobEvent event) {
    var bytes = Json.MAPPER.writerFor(JobEvent.class).writeValueAsBytes(event);
    events.append(bytes, bytes.length);
    signal();
  }

  @Override
  public CheckoutSource checkout() {
    return new CheckoutSource.Remote(job.cloneUrl(), "job", job.jobToken());
  }

  @Override
  public ArtifactReceipt upload(String name, Path zip) throws IOException, InterruptedException {
    return patiently(() -> server.upload(job.job(), job.fence(), name, zip));
  }

  @Override
  public List<ArtifactReceipt> artifacts() throws IOException, InterruptedException {
    return patiently(() -> server.artifacts(job.job()));
  }

  @Override
  public void download(String name, Path zip) throws IOException, InterruptedException {
    patiently(() -> {
      Files.deleteIfExists(zip);
      server.download(job.job(), name, zip);
      return zip;
    });
  }

  /// Delivers what is left and then the result, however long that takes, unless the lease is lost.
  ///
  /// A result that the server refuses for what is in it would be refused again, so the job then
  /// ends with that refusal instead.
  void complete(JobResult result) throws InterruptedException {
    var completion =
        new JobCompletion(
            job.fence(),
            result.outcome(),
            result.reason(),
            result.outputs(),
            events.records(),
            log.size());
    var backoff = new Backoff(random);
    while (!cancellation.isAbandoned()) {
      try {
        awaitDelivered();
        if (!cancellation.isAbandoned()) {
          server.complete(job.job(), completion);
        }
        return;
      } catch (FairwayException e) {
        switch (e.code()) {
          case LEASE_LOST, NOT_FOUND -> cancellation.abandon();
          case INCOMPLETE -> askWhatIsMissing();
          case TOO_LARGE, INVALID_INPUT, UNPROCESSABLE -> {
            completion = refused(e);
            pause(backoff.next(), e);
          }
          default -> pause(backoff.next(), e);
        }
      } catch (IOException e) {
        pause(backoff.next(), e);
      }
    }
  }

  private JobCompletion refused(FairwayException e) {
    return new JobCompletion(
        job.fence(),
        Outcome.ERROR,
        "The server refused the job's result: " + JobRunner.sentence(e),
        Map.of(),
        events.records(),
        log.size());
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    carrier.interrupt();
    heart.interrupt();
    try {
      carrier.join();
      heart.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
    events.close();
  }

  private void carry() {
    var backoff = new Backoff(random);
    try {
      while (awaitWork()) {
        try {
          carryEvents();
          carryLog();
          backoff.reset();
        } catch (FairwayException e) {
          answer(e, backoff);
        } catch (IOException e) {
          pause(backoff.next(), e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(FairwayException e, Backoff backoff) throws InterruptedException {
    switch (e.code()) {
      case LEASE_LOST -> cancellation.abandon();
      case LOG_GAP -> {
        if (e.details().get("size") instanceof Number size) {
          sent(size.longValue(), eventsSent());
        }
        pause(backoff.next(), e);
      }
      default -> pause(backoff.next(), e);
    }
  }

  private void carryEvents() throws IOException, InterruptedException {
    var first = eventsSent();
    var batch = new ArrayList<JobEvent>();
    var bytes = 0;
    for (var number = (int) first;
        number < events.records() && batch.size() < EVENTS_PER_CALL && bytes < EVENT_BYTES_PER_CALL;
        number++) {
      var record = events.record(number);
      bytes += record.length;
      batch.add(Json.MAPPER.readValue(record, JobEvent.class));
    }
    if (!batch.isEmpty()) {
      var reply = server.events(job.job(), new JobEvents(job.fence(), first, batch));
      sent(logSent(), reply.next());
    }
  }

  private void carryLog() throws IOException, InterruptedException {
    var offset = logSent();
    var bytes = log.read(offset, LOG_CHUNK_BYTES);
    if (bytes.length > 0) {
      server.log(job.job(), job.fence(), offset, bytes);
      sent(offset + bytes.length, eventsSent());
    }
  }

  private void askWhatIsMissing() throws InterruptedException {
    try {
      var reply = server.events(job.job(), new JobEvents(job.fence(), events.records(), List.of()));
      sent(logSent(), Math.min(reply.next(), events.records()));
      server.log(job.job(), job.fence(), log.size(), new byte[0]);
    } catch (FairwayException e) {
      answer(e, new Backoff(random));
    } catch (IOException e) {
      pause(Backoff.FIRST, e);
    }
  }

  /// A server that does not know the agent any more gives the job to somebody else when the lease
  /// ends; one that does not answer, or cannot now, forgives its own absence.
  private void beat() {
    var leaseUntil = job.leaseUntil();
    var period = period(leaseUntil);
    try {
      while (pause(period)) {
        try {
          var reply = server.heartbeat(job.job(), new Heartbeat(job.fence()));
          leaseUntil = reply.leaseUntil();
          period = period(leaseUntil);
          if (reply.cancel()) {
            cancellation.cancel();
          }
        } catch (FairwayException e) {
          if (lost(e.code(), leaseUntil)) {
            cancellation.abandon();
            signal();
          }
        } catch (IOException e) {
          period = MIN_HEARTBEAT.multipliedBy(2);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean lost(ErrorCode code, Instant leaseUntil) {
    return code == ErrorCode.LEASE_LOST
        || code == ErrorCode.NOT_FOUND
        || ((code == ErrorCode.UNAUTHENTICATED || code == ErrorCode.FORBIDDEN)
            && clock.instant().isAfter(leaseUntil));
  }

  private Duration period(Instant leaseUntil) {
    var third = Duration.between(clock.instant(), leaseUntil).dividedBy(3);
    return third.compareTo(MIN_HEARTBEAT) < 0
        ? MIN_HEARTBEAT
        : third.compareTo(MAX_HEARTBEAT) > 0 ? MAX_HEARTBEAT : third;
  }

  private interface Call<T> {
    T make() throws IOException, InterruptedException;
  }

  private <T> T patiently(Call<T> call) throws IOException, InterruptedException {
    var backoff = new Backoff(random);
    var until = clock.instant().plus(TRANSFER_PATIENCE);
    while (true) {
      try {
        return call.make();
      } catch (IOException e) {
        if (cancellation.requested().isDone() || clock.instant().isAfter(until)) {
          throw e;
        }
        pause(backoff.next(), e);
      }
    }
  }

  /// Waits for something to carry, a little longer for more of it; false when there is no more to
  /// do.
  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && !cancellation.isAbandoned() && !pending()) {
        changed.await();
      }
      var linger = LINGER.toNanos();
      while (linger > 0 && !closed && !finishing && log.size() - logSent < LOG_CHUNK_BYTES) {
        linger = changed.awaitNanos(linger);
      }
      return !closed && !cancellation.isAbandoned();
    } finally {
      lock.unlock();
    }
  }

  private void awaitDelivered() throws InterruptedException {
    lock.lock();
    try {
      finishing = true;
      changed.signalAll();
      while (!closed && !cancellation.isAbandoned() && pending()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean pending() {
    return logSent < log.size() || eventsSent < events.records();
  }

  private long logSent() {
    lock.lock();
    try {
      return logSent;
    } finally {
      lock.unlock();
    }
  }

  private long eventsSent() {
    lock.lock();
    try {
      return eventsSent;
    } finally {
      lock.unlock();
    }
  }

  private void sent(long logBytes, long eventCount) {
    lock.lock();
    try {
      logSent = Math.min(logBytes, log.size());
      eventsSent = Math.min(eventCount, events.records());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration time, Exception why) throws InterruptedException {
    System.getLogger("agent")
        .log(System.Logger.Level.DEBUG, "Job " + job.job() + " waits for the server", why);
    var _ = pause(time);
  }

  /// @return false when the host has been closed or the job abandoned meanwhile
  private boolean pause(Duration time) throws InterruptedException {
    lock.lock();
    try {
      var rest = time.toNanos();
      while (rest > 0 && !closed && !cancellation.isAbandoned()) {
        rest = changed.awaitNanos(rest);
      }
      return !closed && !cancellation.isAbandoned();
    } finally {
      lock.unlock();
    }
  }
}
