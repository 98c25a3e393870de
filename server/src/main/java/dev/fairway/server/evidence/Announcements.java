package dev.fairway.server.evidence;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Lets requests wait until the sequencer has reached something.
final class Announcements {
  /// A missed announcement delays a waiting request by this much at most.
  private static final Duration POLL = Duration.ofMillis(250);

  private long count;

  synchronized void announce() {
    count++;
    notifyAll();
  }

  private synchronized long count() {
    return count;
  }

  /// Asks again after each announcement until there is an answer; empty after `atMost`.
  <T> Optional<T> await(Supplier<Optional<T>> question, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      long seen = count();
      var answer = question.get();
      if (answer.isPresent() || System.nanoTime() >= deadline) {
        return answer;
      }
      try {
        awaitNext(seen);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
  }

  private synchronized void awaitNext(long seen) throws InterruptedException {
    long deadline = System.nanoTime() + POLL.toNanos();
    while (count == seen) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }
}
