package dev.fairway.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next attempt: twice as long each time, up to a most, of which a
/// random half, so that agents do not come back all at once.
final class Backoff {
  static final Duration FIRST = Duration.ofMillis(200);
  static final Duration MOST = Duration.ofSeconds(10);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    var wait = next;
    next = next.multipliedBy(2).compareTo(MOST) > 0 ? MOST : next.multipliedBy(2);
    return wait.dividedBy(2).plusMillis(random.nextLong(wait.toMillis() / 2 + 1));
  }

  void reset() {
    next = FIRST;
  }
}
