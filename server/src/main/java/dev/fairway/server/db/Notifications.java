package dev.fairway.server.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells everybody in this process what was committed: here, at once, and elsewhere, by one
/// connection that listens for all of them.
///
/// What a server committed and could not tell any more, because it died at that moment, the others
/// find by looking themselves: whoever listens looks now and then as well.
final class Notifications implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

  /// How soon a newly asked-for channel, or the end, is noticed.
  private static final Duration WAIT = Duration.ofMillis(250);

  /// How often a connection on which nothing comes is asked whether it still is one, and how long
  /// it has to say so. One that was cut off would be silent for ever.
  private static final Duration ASK = Duration.ofSeconds(5);

  private static final int ANSWER_SECONDS = 3;

  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);

  private final DatabaseUrl url;
  private final CompletableFuture<?> ready;
  private final Map<String, List<Consumer<String>>> callbacks = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Announcer announcer;
  private final LinkedBlockingQueue<Note> committed = new LinkedBlockingQueue<>();
  private @Nullable Thread thread;

  /// @param ready done when the database is worth connecting to; where it fails, nothing is heard
  Notifications(DatabaseUrl url, CompletableFuture<?> ready) {
    this.url = url;
    this.ready = ready;
    this.announcer = new Announcer(url);
  }

  synchronized void listen(String channel, Consumer<String> callback) {
    callbacks
        .computeIfAbsent(new Note(channel, "").channel(), _ -> new CopyOnWriteArrayList<>())
        .add(callback);
    if (thread == null) {
      thread = Thread.ofVirtual().name("notifications").start(this::loop);
      Thread.ofVirtual().name("committed").start(this::tellHere);
    }
  }

  /// Tells what a transaction of this server has committed.
  void tell(Collection<Note> notes) {
    if (closed.getCount() > 0) {
      committed.addAll(notes);
      announcer.tell(notes);
    }
  }

  private void tellHere() {
    try {
      while (closed.getCount() > 0) {
        var notes = new LinkedHashSet<Note>();
        notes.add(committed.take());
        committed.drainTo(notes);
        notes.forEach(note -> deliver(note.channel(), note.payload()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop() {
    boolean failed = ready.handle((_, failure) -> failure != null).join();
    if (failed) {
      return;
    }
    while (closed.getCount() > 0) {
      try (var connection = DriverManager.getConnection(url.jdbc(), url.user(), url.password())) {
        hear(connection);
      } catch (SQLException e) {
        announcer.forgetProcess();
        if (closed.getCount() > 0) {
          LOG.warn("Lost the connection that listens for notifications: {}", e.getMessage());
          pause();
        }
      }
    }
  }

  private void hear(Connection connection) throws SQLException {
    var listening = new HashSet<String>();
    var notifier = connection.unwrap(PGConnection.class);
    var heard = System.nanoTime();
    while (closed.getCount() > 0) {
      if (System.nanoTime() - heard > ASK.toNanos()) {
        if (!connection.isValid(ANSWER_SECONDS)) {
          throw new SQLException("it does not answer any more");
        }
        heard = System.nanoTime();
      }
      for (var channel : Set.copyOf(callbacks.keySet())) {
        if (listening.add(channel)) {
          try (var statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel);
          }
          deliver(channel, "");
        }
      }
      for (var notification : notifier.getNotifications((int) WAIT.toMillis())) {
        heard = System.nanoTime();
        if (!announcer.isOurs(notification.getPID())) {
          deliver(notification.getName(), notification.getParameter());
        }
      }
    }
  }

  private void deliver(String channel, String payload) {
    for (var callback : callbacks.getOrDefault(channel, List.of())) {
      try {
        callback.accept(payload);
      } catch (RuntimeException e) {
        LOG.error("A listener on {} failed", channel, e);
      }
    }
  }

  private void pause() {
    try {
      closed.await(RECONNECT_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.countDown();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    announcer.close();
    // Wakes who would wait for more.
    committed.add(new Note("closed", ""));
  }
}
