package dev.fairway.server.db;

import dev.fairway.api.Build;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This server among those that share the database: it tells the others that it lives, as long as
/// it does.
public final class Replica implements AutoCloseable {
  /// Without a word for so long, a server counts as dead.
  static final Duration SILENCE = Duration.ofSeconds(15);

  /// Leases are compared by the clocks of several servers; beyond this they would be wrong.
  static final Duration MAX_SKEW = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
  private static final Duration BEAT = Duration.ofSeconds(3);

  /// Servers that are gone for so long are forgotten.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Database database;
  private final boolean holder;
  private final UUID id = Ids.next();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// @param holder whether this server holds the data folder
  public Replica(Database database, boolean holder) {
    this.database = database;
    this.holder = holder;
  }

  public UUID id() {
    return id;
  }

  /// Whether that server was heard of lately.
  public static boolean isAlive(Handle tx, UUID replica) {
    return tx.createQuery(
            "SELECT seen_at > now() - :silence * interval '1 second' FROM replica WHERE id = :id")
        .bind("silence", SILENCE.toSeconds())
        .bind("id", replica)
        .mapTo(Boolean.class)
        .findOne()
        .orElse(false);
  }

  /// How far the clock is from the database's.
  public static Duration skew(Handle tx, InstantSource clock) {
    var before = clock.instant();
    Instant there =
        tx.createQuery("SELECT clock_timestamp()").mapTo(OffsetDateTime.class).one().toInstant();
    var after = clock.instant();
    var here = before.plus(Duration.between(before, after).dividedBy(2));
    return Duration.between(there, here).abs();
  }

  /// Whether clocks that differ by so much cannot share the work.
  public static boolean isTooFar(Duration skew) {
    return skew.compareTo(MAX_SKEW) > 0;
  }

  /// Enters the list of servers, and stays in it until [#close].
  public void start() {
    database.run(tx -> {
      if (holder) {
        tx.execute("DELETE FROM replica WHERE holder");
      }
      beat(tx);
    });
    Thread.ofVirtual().name("replica").start(this::loop);
  }

  private void loop() {
    try {
      while (!closed.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          database.run(this::beat);
        } catch (RuntimeException e) {
          LOG.warn("The other servers cannot hear of this one: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat(Handle tx) {
    tx.createUpdate(
            """
            INSERT INTO replica (id, host, holder, version)
            VALUES (:id, :host, :holder, :version)
            ON CONFLICT (id) DO UPDATE SET seen_at = now()
            """)
        .bind("id", id)
        .bind("host", host())
        .bind("holder", holder)
        .bind("version", Build.version())
        .execute();
    tx.createUpdate("DELETE FROM replica WHERE seen_at < now() - :days * interval '1 day'")
        .bind("days", REMEMBERED.toDays())
        .execute();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
