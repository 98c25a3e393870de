package dev.fairway.server.evidence;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets a loop wait for work, and never miss that some came while it was busy.
final class Wakeup {
  private final Semaphore signals = new Semaphore(0);

  void signal() {
    if (signals.availablePermits() == 0) {
      signals.release();
    }
  }

  /// Returns after a signal since the last call, or after `atMost`.
  void await(Duration atMost) throws InterruptedException {
    if (signals.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      signals.drainPermits();
    }
  }
}
