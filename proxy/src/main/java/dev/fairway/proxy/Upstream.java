package dev.fairway.proxy;

import dev.fairway.api.ProxyRoute;
import dev.fairway.api.ProxyUpstreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/// One generation of a route: the instance that serves or served it, and its requests.
///
/// ```
///  serving ──retire()──► draining ──last leave()──► drained (pooled connections closed)
/// ```
final class Upstream {
  private final ProxyRoute route;
  private final Instant since;
  private final Counters counters = new Counters();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final CompletableFuture<Void> idle = new CompletableFuture<>();
  private final CompletableFuture<Void> drained;
  private volatile boolean retired;

  /// @param closePool closes the proxy's idle connections to this upstream
  Upstream(ProxyRoute route, Instant since, Runnable closePool) {
    this.route = route;
    this.since = since;
    // On a thread of its own: the last request to leave does not wait for connections to close.
    this.drained = idle.thenRunAsync(closePool, Thread::startVirtualThread);
  }

  ProxyRoute route() {
    return route;
  }

  Counters counters() {
    return counters;
  }

  /// To be followed by exactly one [#leave].
  void enter() {
    inFlight.incrementAndGet();
  }

  void leave() {
    if (inFlight.decrementAndGet() == 0 && retired) {
      idle.complete(null);
    }
  }

  /// No request comes any more. Whoever entered before is waited for; whoever enters later finds
  /// that this is no longer the route's upstream and leaves without sending.
  void retire() {
    retired = true;
    if (inFlight.get() == 0) {
      idle.complete(null);
    }
  }

  boolean isDrained() {
    return drained.isDone();
  }

  /// Waits until it is drained, or the time is over.
  void awaitDrained(Duration wait) throws InterruptedException {
    try {
      drained.get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException _) {
      // The caller reads the state that was reached.
    }
  }

  ProxyUpstreamStatus status(String epoch, Instant now) {
    return new ProxyUpstreamStatus(
        route.generation(),
        route.port(),
        route.release(),
        route.instance(),
        since,
        !retired,
        inFlight.get(),
        isDrained(),
        counters.snapshot(epoch, now));
  }
}
