package dev.fairway.agent;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What ends a running step early. The first reason counts.
final class Stop implements AutoCloseable {
  /// Why a step is stopped.
  enum Reason {
    /// Somebody cancelled the job.
    CANCELLED,
    /// The job used up its time.
    JOB_TIMED_OUT,
    /// The step used up its `timeout-minutes`.
    STEP_TIMED_OUT,
    /// The log is full.
    LOG_FULL,
    /// A later step of the job ends it.
    STEP_CANCELLED,
    /// The job belongs to somebody else now.
    ABANDONED
  }

  private final CompletableFuture<Reason> reason = new CompletableFuture<>();
  private final CompletableFuture<Boolean> atOnce = new CompletableFuture<>();
  private final CompletableFuture<Void> time = new CompletableFuture<>();

  void now(Reason why) {
    reason.complete(why);
  }

  void when(CompletableFuture<?> event, Reason why) {
    var _ = event.thenRun(() -> reason.complete(why));
  }

  void when(Cancellation cancellation) {
    var _ = cancellation.abandoned().thenRun(() -> atOnce.complete(true));
    var _ =
        cancellation
            .requested()
            .thenAccept(kind ->
                reason.complete(
                    switch (kind) {
                      case CANCEL -> Reason.CANCELLED;
                      case TIME_OUT -> Reason.JOB_TIMED_OUT;
                      case ABANDON -> Reason.ABANDONED;
                    }));
  }

  /// Ends with what is around it, where that ends for good. A cancelled action may clean up, so
  /// that is up to each of its steps.
  void inside(Stop around) {
    var _ = around.atOnce.thenRun(() -> atOnce.complete(true));
    var _ =
        around.reason.thenAccept(why -> {
          if (endsAll(why)) {
            reason.complete(why);
          }
        });
  }

  /// Whether nothing may run any more that this ends.
  boolean endsAll() {
    return reason.isDone() && endsAll(reason.resultNow());
  }

  private static boolean endsAll(Reason why) {
    return switch (why) {
      case STEP_TIMED_OUT, LOG_FULL, STEP_CANCELLED, ABANDONED -> true;
      case CANCELLED, JOB_TIMED_OUT -> false;
    };
  }

  void after(Duration limit, Reason why) {
    when(time, why);
    var _ = time.completeOnTimeout(null, Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
  }

  /// Completed when who is being stopped gets no more time to end by itself.
  CompletableFuture<Boolean> atOnce() {
    return atOnce;
  }

  CompletableFuture<Reason> reason() {
    return reason;
  }

  /// The step has ended: a clock that runs for hours yet must not hold on to all of it.
  @Override
  public void close() {
    time.cancel(false);
  }
}
