package dev.fairway.proxy;

import dev.fairway.api.ProxyStatistics;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

/// What became of the requests to one upstream; see [ProxyStatistics] for the meaning of each.
final class Counters {
  private final LongAdder requests = new LongAdder();
  private final LongAdder clientErrors = new LongAdder();
  private final LongAdder serverErrors = new LongAdder();
  private final LongAdder connectFailures = new LongAdder();
  private final LongAdder timeouts = new LongAdder();
  private final LongAdder brokenOff = new LongAdder();
  private final LongAdder abandoned = new LongAdder();
  private final AtomicLongArray latency = new AtomicLongArray(ProxyStatistics.LATENCY_BUCKETS);

  void count(Ending ending, long nanos) {
    // Counted before its error, and read after the errors: no snapshot shows more errors than
    // requests.
    requests.increment();
    switch (ending) {
      case Ending.Answered(int status) -> {
        latency.incrementAndGet(ProxyStatistics.bucketOf(nanos));
        if (status >= 500) {
          serverErrors.increment();
        } else if (status >= 400) {
          clientErrors.increment();
        }
      }
      case Ending.Tunnelled() -> {}
      case Ending.NotConnected() -> connectFailures.increment();
      case Ending.TimedOut() -> timeouts.increment();
      case Ending.BrokenOff() -> brokenOff.increment();
      case Ending.Abandoned() -> abandoned.increment();
    }
  }

  ProxyStatistics snapshot(String epoch, Instant now) {
    var buckets =
        LongStream.range(0, latency.length()).mapToObj(i -> latency.get((int) i)).toList();
    var client = clientErrors.sum();
    var server = serverErrors.sum();
    var connect = connectFailures.sum();
    var timeout = timeouts.sum();
    var broken = brokenOff.sum();
    var gone = abandoned.sum();
    return new ProxyStatistics(
        epoch, now, requests.sum(), client, server, connect, timeout, broken, gone, buckets);
  }
}
