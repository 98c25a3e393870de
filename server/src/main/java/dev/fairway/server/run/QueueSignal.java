package dev.fairway.server.run;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Wakes those who wait for something to do. A signal between looking and waiting is not lost: who
/// waits names the last one that they saw.
final class QueueSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition signalled = lock.newCondition();
  private long count;
  private boolean closed;

  /// How many signals there were; ask before looking.
  long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  void signal() {
    lock.lock();
    try {
      count++;
      signalled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends all waiting, now and later.
  void close() {
    lock.lock();
    try {
      closed = true;
      signalled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a signal after that one.
  ///
  /// @return false where it is closed or the thread is interrupted
  boolean await(long seen, Duration most) {
    lock.lock();
    try {
      var left = most.toNanos();
      while (!closed && count == seen && left > 0) {
        left = signalled.awaitNanos(left);
      }
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
