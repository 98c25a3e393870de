package dev.fairway.proxy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;

/// Closes connections whose client takes too long for the head of its first request. Each byte that
/// trickles in restarts the limit on silence, so that one alone lets a few slow clients hold all
/// connections.
final class SlowHeads implements Connection.Listener {
  private final Scheduler scheduler;
  private final Duration allowed;
  private final Map<Connection, Scheduler.Task> waiting = new ConcurrentHashMap<>();

  SlowHeads(Scheduler scheduler, Duration allowed) {
    this.scheduler = scheduler;
    this.allowed = allowed;
  }

  @Override
  public void onOpened(Connection connection) {
    var task =
        scheduler.schedule(() -> judge(connection), allowed.toMillis(), TimeUnit.MILLISECONDS);
    waiting.put(connection, task);
  }

  private void judge(Connection connection) {
    waiting.remove(connection);
    if (connection.getMessagesIn() == 0) {
      connection.getEndPoint().close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    var task = waiting.remove(connection);
    if (task != null) {
      task.cancel();
    }
  }
}
