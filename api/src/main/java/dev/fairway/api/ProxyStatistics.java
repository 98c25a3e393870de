package dev.fairway.api;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What became of the requests to one upstream since it got the traffic.
///
/// Counters only grow, so the requests after a moment are the difference of two snapshots: keep the
/// one of the moment and ask [#since]. A request counts when it has ended.
///
/// @param epoch the life of the proxy process that counted; counters start at zero in each
/// @param at when the snapshot was taken
/// @param requests all that ended, whatever their end
/// @param clientErrors answered 4xx by the service
/// @param serverErrors answered 5xx by the service
/// @param connectFailures the service did not accept the connection (answered 502 by the proxy)
/// @param timeouts the service did not answer in time (answered 504 by the proxy)
/// @param brokenOff the service closed the connection before the end of its answer
/// @param abandoned the client went away before the end; not an error of the service
/// @param latency how many requests that the service answered took how long, by
///   [bucket][#bucketOf]; WebSocket tunnels are not in it
public record ProxyStatistics(
    String epoch,
    Instant at,
    long requests,
    long clientErrors,
    long serverErrors,
    long connectFailures,
    long timeouts,
    long brokenOff,
    long abandoned,
    List<Long> latency) {
  /// Buckets per doubling: a percentile is at most 19 % above the truth.
  private static final int BUCKETS_PER_OCTAVE = 4;

  private static final Duration FIRST_BOUND = Duration.ofNanos(62_500);
  private static final int OCTAVES = 22;

  /// The last bucket holds everything beyond four minutes.
  public static final int LATENCY_BUCKETS = OCTAVES * BUCKETS_PER_OCTAVE + 1;

  public ProxyStatistics {
    latency = List.copyOf(latency);
    if (latency.size() != LATENCY_BUCKETS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "a latency histogram has " + LATENCY_BUCKETS + " buckets, not " + latency.size(),
          "Use a server and a proxy of the same version.");
    }
  }

  /// Requests that failed through the fault of the service.
  public long failures() {
    return serverErrors + connectFailures + timeouts + brokenOff;
  }

  /// The share of requests that the service failed, 0 to 1; 0 without requests.
  public double failureRate() {
    var judged = requests - abandoned;
    return judged <= 0 ? 0 : (double) failures() / judged;
  }

  /// What happened after `mark` was taken of the same upstream. If the proxy has restarted in
  /// between, that is everything since its restart.
  public ProxyStatistics since(ProxyStatistics mark) {
    if (!epoch.equals(mark.epoch)) {
      return this;
    }
    var buckets = new ArrayList<Long>(LATENCY_BUCKETS);
    for (var i = 0; i < LATENCY_BUCKETS; i++) {
      buckets.add(latency.get(i) - mark.latency.get(i));
    }
    return new ProxyStatistics(
        epoch,
        at,
        requests - mark.requests,
        clientErrors - mark.clientErrors,
        serverErrors - mark.serverErrors,
        connectFailures - mark.connectFailures,
        timeouts - mark.timeouts,
        brokenOff - mark.brokenOff,
        abandoned - mark.abandoned,
        buckets);
  }

  /// The time within which `percent` (0 to 100) of the answered requests ended, rounded up to the
  /// bound of its bucket; zero if there were none.
  public Duration percentile(double percent) {
    var total = latency.stream().mapToLong(Long::longValue).sum();
    var rank = (long) Math.ceil(total * percent / 100);
    long seen = 0;
    for (var i = 0; i < LATENCY_BUCKETS && total > 0; i++) {
      seen += latency.get(i);
      if (seen >= Math.max(1, rank)) {
        return upperBound(i);
      }
    }
    return Duration.ZERO;
  }

  /// The bucket that counts a request of `nanos`.
  public static int bucketOf(long nanos) {
    if (nanos <= FIRST_BOUND.toNanos()) {
      return 0;
    }
    var octaves = Math.log((double) nanos / FIRST_BOUND.toNanos()) / Math.log(2);
    return (int) Math.min(LATENCY_BUCKETS - 1, Math.ceil(octaves * BUCKETS_PER_OCTAVE));
  }

  private static Duration upperBound(int bucket) {
    return Duration.ofNanos(
        Math.round(FIRST_BOUND.toNanos() * Math.pow(2, (double) bucket / BUCKETS_PER_OCTAVE)));
  }
}
