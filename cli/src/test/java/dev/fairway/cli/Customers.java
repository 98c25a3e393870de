package dev.fairway.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Somebody who uses a service all the while, one request after the other.
final class Customers implements AutoCloseable {
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicLong served = new AtomicLong();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private final Thread thread;

  Customers(Supplier<String> request, String expected) {
    thread =
        Thread.ofVirtual()
            .name("customer")
            .start(() -> {
              while (!closed.get()) {
                var answer = answer(request);
                if (answer.equals(expected)) {
                  served.incrementAndGet();
                } else {
                  refused.add(answer);
                }
              }
            });
  }

  private static String answer(Supplier<String> request) {
    try {
      return request.get();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  /// Waits until that many more were served.
  void awaitMore(int requests) {
    var goal = served.get() + requests;
    Eventually.holds(requests + " more served requests", () -> served.get() >= goal);
  }

  /// Other answers than the expected one, and failures.
  List<String> refused() {
    return List.copyOf(refused);
  }

  @Override
  public void close() {
    closed.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
