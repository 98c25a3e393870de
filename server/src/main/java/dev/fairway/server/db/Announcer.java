package dev.fairway.server.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the other servers, on one connection and in transactions of its own, what committed here.
///
/// A `NOTIFY` within a transaction would hold a lock of the whole database until that transaction
/// is on disk: of all that tell something one at a time could commit, each with an fsync of its
/// own. One that does nothing but tell writes nothing, and waits for no disk.
final class Announcer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /// More than that is told as one empty note for each channel: there is news.
  private static final int MAX_WAITING = 10_000;

  /// What comes within so long after something was told goes together.
  private static final Duration REST = Duration.ofMillis(20);

  /// A database that does not answer for so long is cut off from us.
  private static final Duration ANSWER_WAIT = Duration.ofSeconds(5);

  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);

  private final DatabaseUrl url;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Set<Note> waiting = new LinkedHashSet<>();
  private boolean started;
  private boolean closed;

  /// The database's process that tells it; what comes from there, this server knows already.
  private volatile int backend;

  Announcer(DatabaseUrl url) {
    this.url = url;
  }

  /// Whether a notification of that process of the database is one of ours.
  boolean isOurs(int process) {
    return process == backend;
  }

  /// The database was away, and gives its processes other numbers now: better to hear one's own
  /// words twice than to miss those of another server.
  void forgetProcess() {
    backend = 0;
  }

  void tell(Collection<Note> notes) {
    lock.lock();
    try {
      add(notes);
      changed.signalAll();
      if (!started) {
        started = true;
        Thread.ofVirtual().name("announcer").start(this::loop);
      }
    } finally {
      lock.unlock();
    }
  }

  private void add(Collection<Note> notes) {
    waiting.addAll(notes);
    if (waiting.size() > MAX_WAITING) {
      var channels = new LinkedHashSet<Note>();
      waiting.forEach(note -> channels.add(new Note(note.channel(), "")));
      waiting = channels;
    }
  }

  private void loop() {
    try {
      while (awaitNotes()) {
        try (var connection = DriverManager.getConnection(url.jdbc(), url.user(), url.password())) {
          connection.setNetworkTimeout(Runnable::run, (int) ANSWER_WAIT.toMillis());
          backend = connection.unwrap(PGConnection.class).getBackendPID();
          while (awaitNotes()) {
            send(connection);
            TimeUnit.MILLISECONDS.sleep(REST.toMillis());
          }
        } catch (SQLException e) {
          if (isClosed()) {
            return;
          }
          LOG.warn("The other servers are not told what happens here: {}", e.getMessage());
          TimeUnit.MILLISECONDS.sleep(RECONNECT_PAUSE.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return false when it is closed
  private boolean awaitNotes() throws InterruptedException {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed) {
        changed.await();
      }
      return !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void send(Connection connection) throws SQLException {
    var notes = take();
    try (var statement =
        connection.prepareStatement(
            "SELECT pg_notify(channel, payload) FROM unnest(?, ?) AS note (channel, payload)")) {
      statement.setArray(1, texts(connection, notes.stream().map(Note::channel).toList()));
      statement.setArray(2, texts(connection, notes.stream().map(Note::payload).toList()));
      statement.execute();
    } catch (SQLException e) {
      lock.lock();
      try {
        // Told twice does no harm.
        add(notes);
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  private Set<Note> take() {
    lock.lock();
    try {
      var taken = waiting;
      waiting = new LinkedHashSet<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private static java.sql.Array texts(Connection connection, List<String> texts)
      throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
