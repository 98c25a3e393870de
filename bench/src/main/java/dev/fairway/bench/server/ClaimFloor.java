package dev.fairway.bench.server;

import dev.fairway.server.db.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// What PostgreSQL itself does here: a table with nothing but a number and a word, from which
/// connections take one row after the other with SKIP LOCKED, each in a durable transaction.
final class ClaimFloor {
  private static final int ROWS = 100_000;
  private static final int CONNECTIONS = 8;
  private static final Duration TIME = Duration.ofSeconds(3);

  private static final String CLAIM =
      """
      UPDATE claim_floor SET phase = 'claimed'
      WHERE id = (SELECT id FROM claim_floor WHERE phase = 'queued'
                  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
      """;

  private final DatabaseUrl url;

  ClaimFloor(DatabaseUrl url) {
    this.url = url;
  }

  /// Rows claimed in a second.
  double measure() throws InterruptedException {
    fill();
    return claim();
  }

  /// One connection that claims one row after the other.
  One one() {
    fill();
    try {
      return new One(connect());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// @param connection its own
  record One(Connection connection) implements AutoCloseable {
    void claim() {
      try (var statement = connection.prepareStatement(CLAIM)) {
        statement.executeUpdate();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void fill() {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS claim_floor");
      statement.execute("CREATE TABLE claim_floor (id bigint PRIMARY KEY, phase text NOT NULL)");
      statement.execute(
          "INSERT INTO claim_floor SELECT n, 'queued' FROM generate_series(1, " + ROWS + ") n");
      statement.execute("CREATE INDEX ON claim_floor (id) WHERE phase = 'queued'");
      statement.execute("ANALYZE claim_floor");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private double claim() throws InterruptedException {
    var claimed = new AtomicInteger();
    var start = System.nanoTime();
    var end = start + TIME.toNanos();
    var threads = new ArrayList<Thread>();
    for (var i = 0; i < CONNECTIONS; i++) {
      threads.add(Thread.ofPlatform().start(() -> claimUntil(end, claimed)));
    }
    for (var thread : threads) {
      thread.join();
    }
    return claimed.get() / ((System.nanoTime() - start) / 1e9);
  }

  private void claimUntil(long end, AtomicInteger claimed) {
    try (var connection = connect();
        var statement = connection.prepareStatement(CLAIM)) {
      while (System.nanoTime() < end) {
        claimed.addAndGet(statement.executeUpdate());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url.jdbc(), url.user(), url.password());
  }
}
