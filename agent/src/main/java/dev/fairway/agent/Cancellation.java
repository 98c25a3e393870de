package dev.fairway.agent;

import java.util.concurrent.CompletableFuture;

/// Asks a running job to end.
public final class Cancellation {
  /// How a job is to end.
  public enum Kind {
    /// The running step is stopped; steps that ask for it (`if: always()`) still run.
    CANCEL,
    /// As a cancellation, because the job used up its time.
    TIME_OUT,
    /// The job belongs to somebody else now: stop at once, run nothing more, report nothing.
    ABANDON
  }

  private final CompletableFuture<Kind> requested = new CompletableFuture<>();
  private final CompletableFuture<Kind> abandoned = new CompletableFuture<>();

  public void cancel() {
    requested.complete(Kind.CANCEL);
  }

  public void abandon() {
    abandoned.complete(Kind.ABANDON);
    requested.complete(Kind.ABANDON);
  }

  /// Whether somebody asked, in whatever way.
  public boolean isRequested() {
    return requested.isDone();
  }

  public boolean isAbandoned() {
    return abandoned.isDone();
  }

  void timeOut() {
    requested.complete(Kind.TIME_OUT);
  }

  /// Completed once somebody asked; what was asked first counts.
  CompletableFuture<Kind> requested() {
    return requested;
  }

  /// Completed once the job is to stop without another step.
  CompletableFuture<Kind> abandoned() {
    return abandoned;
  }
}
