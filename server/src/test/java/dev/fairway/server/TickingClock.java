package dev.fairway.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until a test moves it.
public final class TickingClock implements InstantSource {
  private final AtomicReference<Instant> now;

  public TickingClock(Instant start) {
    now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  public void tick(Duration by) {
    now.updateAndGet(at -> at.plus(by));
  }
}
