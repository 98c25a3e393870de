package dev.fairway.agent;

import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.JobCompletion;
import dev.fairway.api.JobEvent;
import dev.fairway.api.JobEvents;
import dev.fairway.api.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// What a job has said and the server has not heard: log and events go to spools, and one thread
/// carries them to the server as fast as it takes them; the rest goes with the job's result. A
/// server that is back after an absence, or is another one, says how much it has, and the rest
/// follows.
final class Delivery implements AutoCloseable {
  static final int LOG_CHUNK_BYTES = 1024 * 1024;
  static final int EVENTS_PER_CALL = 200;

  /// No further event is added to a call that has so many bytes; with the largest one on top it is
  /// still below what the server takes.
  static final int EVENT_BYTES_PER_CALL = 128 * 1024;

  /// Small writes are collected for as long as nobody notices; most short jobs have ended by then,
  /// and all that they said goes with their result.
  private static final Duration LINGER = Duration.ofMillis(150);

  private final JobAssignment job;
  private final ServerClient server;
  private final Cancellation cancellation;
  private final RandomGenerator random;
  private final Spool log;
  private final Spool events;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread carrier;
  private long logSent;
  private long eventsSent;
  private boolean finishing;
  private boolean closed;

  /// Whether the carrier is on its way.
  private boolean carrying;

  /// Whether somebody else carries the rest, as soon as it is little.
  private boolean restTaken;

  /// @param spool a folder for this job that no job can see, made when it is needed
  Delivery(
      JobAssignment job,
      ServerClient server,
      Cancellation cancellation,
      RandomGenerator random,
      Path spool) {
    this.job = job;
    this.server = server;
    this.cancellation = cancellation;
    this.random = random;
    this.log = new Spool(spool.resolve("log"), "log");
    this.events = new Spool(spool.resolve("events"), "events");
    this.carrier = Thread.ofVirtual().name("carrier-" + job.job()).unstarted(this::carry);
    var _ = cancellation.abandoned().thenRun(this::signal);
  }

  void start() {
    carrier.start();
  }

  void log(byte[] bytes, int length) {
    log.append(bytes, length);
    signal();
  }

  void event(JobEvent event) {
    var bytes = Json.MAPPER.writerFor(JobEvent.class).writeValueAsBytes(event);
    events.append(bytes, bytes.length);
    signal();
  }

  /// How many bytes of log there are, delivered or not.
  long logSize() {
    return log.size();
  }

  /// How many events there are, delivered or not.
  int eventCount() {
    return events.records();
  }

  /// Waits until the server has everything, or the job is abandoned.
  void await() throws InterruptedException {
    lock.lock();
    try {
      finishing = true;
      restTaken = false;
      changed.signalAll();
      while (!closed && !cancellation.isAbandoned() && pending()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until what is left goes with the job's result, and gives that; empty where nothing is
  /// left, or the job is abandoned. The carrier rests until [#await].
  Optional<JobCompletion.Tail> takeRest() throws InterruptedException, IOException {
    lock.lock();
    try {
      finishing = true;
      restTaken = true;
      changed.signalAll();
      while (!closed && !cancellation.isAbandoned() && (carrying || !little())) {
        changed.await();
      }
      if (closed || cancellation.isAbandoned() || !pending()) {
        return Optional.empty();
      }
    } finally {
      lock.unlock();
    }
    var first = eventsSent();
    var rest = new ArrayList<JobEvent>();
    for (var number = (int) first; number < events.records(); number++) {
      rest.add(Json.MAPPER.readValue(events.record(number), JobEvent.class));
    }
    var offset = logSent();
    return Optional.of(
        new JobCompletion.Tail(
            first, rest, offset, log.read(offset, JobCompletion.Tail.MAX_LOG_BYTES)));
  }

  private boolean little() {
    return log.size() - logSent <= JobCompletion.Tail.MAX_LOG_BYTES
        && events.records() - eventsSent <= JobCompletion.Tail.MAX_EVENTS
        && events.bytesFrom((int) eventsSent) <= JobCompletion.Tail.MAX_EVENT_BYTES;
  }

  /// After a server said that it has not got everything: what it has got, so that the rest follows.
  void askWhatIsMissing() throws InterruptedException {
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

  /// Waits a while; a job that is abandoned waits no longer.
  void pause(Duration time, Exception why) throws InterruptedException {
    System.getLogger("agent")
        .log(System.Logger.Level.DEBUG, "Job " + job.job() + " waits for the server", why);
    lock.lock();
    try {
      var rest = time.toNanos();
      while (rest > 0 && !closed && !cancellation.isAbandoned()) {
        rest = changed.awaitNanos(rest);
      }
    } finally {
      lock.unlock();
    }
  }

  private void carry() {
    var backoff = new Backoff(random);
    try {
      while (awaitWork()) {
        try {
          if (mayCarry()) {
            carryEvents();
            carryLog();
            backoff.reset();
          }
        } catch (FairwayException e) {
          answer(e, backoff);
        } catch (IOException e) {
          pause(backoff.next(), e);
        } finally {
          carried();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void carried() {
    lock.lock();
    try {
      carrying = false;
      changed.signalAll();
    } finally {
      lock.unlock();
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

  /// Waits for something to carry, a little longer for more of it; false when there is no more to
  /// do.
  private boolean awaitWork() throws InterruptedException {
    lock.lock();
    try {
      while (!closed && !cancellation.isAbandoned() && (!pending() || (restTaken && little()))) {
        changed.await();
      }
      var linger = LINGER.toNanos();
      while (linger > 0 && !closed && !finishing && log.size() - logSent < LOG_CHUNK_BYTES) {
        linger = changed.awaitNanos(linger);
      }
      // What was to linger may be what somebody else carries by now.
      carrying = !(restTaken && little());
      return !closed && !cancellation.isAbandoned();
    } finally {
      lock.unlock();
    }
  }

  private boolean mayCarry() {
    lock.lock();
    try {
      return carrying;
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
    try {
      carrier.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
    events.close();
  }
}
