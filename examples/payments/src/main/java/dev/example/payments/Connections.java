package dev.example.payments;

import java.util.concurrent.Semaphore;

/** A bounded pool of connections to the bank; a transfer borrows one. */
final class Connections {
  static final int SIZE = 64;

  private final Semaphore free = new Semaphore(SIZE);

  void borrow() {
    if (!free.tryAcquire()) {
      throw new IllegalStateException("no connection to the bank is free");
    }
  }

  void giveBack() {
    free.release();
  }

  boolean exhausted() {
    return free.availablePermits() == 0;
  }
}
