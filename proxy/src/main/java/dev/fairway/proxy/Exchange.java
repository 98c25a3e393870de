package dev.fairway.proxy;

import org.jspecify.annotations.Nullable;

/// One client's request on its way through: which upstream has it, and how it ends.
///
/// It holds its upstream (counted as in flight) until [#end]. Its fields are written by one thread
/// at a time: Jetty runs the callbacks of an exchange one after the other.
final class Exchange {
  /// Under which the request carries it.
  static final String ATTRIBUTE = Exchange.class.getName();

  private final String host;
  private final long startedNanos;
  private Upstream upstream;
  private int attempts = 1;
  private volatile boolean sending;
  private volatile boolean clientFailed;
  private @Nullable Ending ending;
  private boolean ended;

  /// @param upstream already entered
  Exchange(String host, Upstream upstream, long startedNanos) {
    this.host = host;
    this.upstream = upstream;
    this.startedNanos = startedNanos;
  }

  String host() {
    return host;
  }

  synchronized Upstream upstream() {
    return upstream;
  }

  /// Whether this is a second send: it never rides on a connection that was open before.
  synchronized boolean isRepeated() {
    return attempts > 1;
  }

  synchronized boolean mayRepeat() {
    return attempts < Limits.ATTEMPTS;
  }

  /// Another attempt, at `next` (already entered), which may be the same upstream.
  synchronized void repeatAt(Upstream next) {
    upstream.leave();
    upstream = next;
    attempts++;
    sending = false;
  }

  /// A connection has been found: from now on the service may have seen the request.
  void sending() {
    sending = true;
  }

  boolean isSending() {
    return sending;
  }

  /// Reading from or writing to the client failed, so whatever follows is not the service's fault.
  void clientFailed() {
    clientFailed = true;
  }

  boolean hasClientFailed() {
    return clientFailed;
  }

  /// The first verdict counts.
  synchronized void verdict(Ending verdict) {
    if (ending == null) {
      ending = verdict;
    }
  }

  /// Counts the request and lets go of the upstream, once.
  synchronized void end(long nowNanos) {
    if (!ended) {
      ended = true;
      var verdict = ending == null ? new Ending.Abandoned() : ending;
      upstream.counters().count(verdict, nowNanos - startedNanos);
      upstream.leave();
    }
  }
}
