package dev.fairway.cli;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for what another process does: asks again and again, for a bounded time.
final class Eventually {
  /// Generous, because a test machine may be busy; nothing waits so long where all is well.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(50);
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private Eventually() {}

  static <T> T get(String what, Supplier<Optional<T>> question) {
    return get(() -> what, question);
  }

  /// @param what says at the end of all patience what did not happen
  static <T> T get(Supplier<String> what, Supplier<Optional<T>> question) {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      var answer = question.get();
      if (answer.isPresent()) {
        return answer.get();
      }
      pause();
    }
    return fail(what.get() + " did not happen within " + PATIENCE.toSeconds() + " s");
  }

  static void holds(String what, BooleanSupplier condition) {
    get(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  private static void pause() {
    try {
      NEVER.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting", e);
    }
  }
}
