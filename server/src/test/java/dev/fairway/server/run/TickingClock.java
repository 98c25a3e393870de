package dev.fairway.server.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until the test moves it.
final class TickingClock implements InstantSource {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T14:00:00Z"));

  @Override
  public Instant instant() {
    return now.get();
  }

  void tick(Duration duration) {
    now.updateAndGet(at -> at.plus(duration));
  }
}
