package dev.fairway.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class ThreadDumpTest {
  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void showsWhereAVirtualThreadWaits() throws InterruptedException {
    var waits = Thread.ofVirtual().name("one that waits").unstarted(this::waitForTheEnd);
    waits.start();
    while (waits.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    assertThat(ThreadDump.take()).contains("one that waits", "ThreadDumpTest.waitForTheEnd");

    end.countDown();
    waits.join();
  }

  private void waitForTheEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
