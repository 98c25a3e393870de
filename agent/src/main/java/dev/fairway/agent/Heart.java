package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Heartbeat;
import dev.fairway.api.JobAssignment;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Keeps the lease of one job alive, on a thread of its own, and hears from the server whether the
/// job is cancelled or lost.
///
/// Nobody interrupts that thread: each beat has its own, short time.
final class Heart {
  private static final Duration MIN_PERIOD = Duration.ofMillis(200);

  /// Also how long a cancellation may take to arrive.
  private static final Duration MAX_PERIOD = Duration.ofSeconds(2);

  /// A server that does not answer in a sixth of the lease has no say; the next one is asked.
  private static final int ANSWERS_PER_LEASE = 6;

  private static final Duration MIN_ANSWER = Duration.ofSeconds(1);
  private static final Duration MAX_ANSWER = Duration.ofSeconds(5);

  private final JobAssignment job;
  private final ServerClient server;
  private final Cancellation cancellation;
  private final InstantSource clock;
  private final Duration answer;
  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
  private final Thread thread;

  Heart(JobAssignment job, ServerClient server, Cancellation cancellation, InstantSource clock) {
    this.job = job;
    this.server = server;
    this.cancellation = cancellation;
    this.clock = clock;
    this.answer =
        between(
            MIN_ANSWER,
            Duration.between(clock.instant(), job.leaseUntil()).dividedBy(ANSWERS_PER_LEASE),
            MAX_ANSWER);
    this.thread = Thread.ofVirtual().name("heart-" + job.job()).unstarted(this::beat);
    var _ = cancellation.abandoned().thenRun(() -> stopped.complete(true));
  }

  void start() {
    thread.start();
  }

  /// A server that does not know the agent any more gives the job to somebody else when the lease
  /// ends; one that does not answer, or cannot now, forgives its own absence.
  private void beat() {
    var leaseUntil = job.leaseUntil();
    var period = period(leaseUntil);
    try {
      while (goesOnAfter(period)) {
        try {
          var reply = server.heartbeat(job.job(), new Heartbeat(job.fence()), answer);
          leaseUntil = reply.leaseUntil();
          period = period(leaseUntil);
          if (reply.cancel()) {
            cancellation.cancel();
          }
        } catch (FairwayException e) {
          if (lost(e.code(), leaseUntil)) {
            cancellation.abandon();
          }
        } catch (IOException e) {
          period = MIN_PERIOD.multipliedBy(2);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean goesOnAfter(Duration period) throws InterruptedException {
    try {
      stopped.get(period.toNanos(), TimeUnit.NANOSECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException("it is only ever completed", e);
    }
  }

  private boolean lost(ErrorCode code, Instant leaseUntil) {
    return code == ErrorCode.LEASE_LOST
        || code == ErrorCode.NOT_FOUND
        || ((code == ErrorCode.UNAUTHENTICATED || code == ErrorCode.FORBIDDEN)
            && clock.instant().isAfter(leaseUntil));
  }

  private Duration period(Instant leaseUntil) {
    return between(
        MIN_PERIOD, Duration.between(clock.instant(), leaseUntil).dividedBy(3), MAX_PERIOD);
  }

  private static Duration between(Duration least, Duration wanted, Duration most) {
    return wanted.compareTo(least) < 0 ? least : wanted.compareTo(most) > 0 ? most : wanted;
  }

  void stop() throws InterruptedException {
    stopped.complete(true);
    thread.interrupt();
    thread.join();
  }
}
