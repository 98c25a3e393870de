package dev.fairway.server.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jspecify.annotations.Nullable;

/// The installation's PostgreSQL: its schema, its connections, its notifications.
///
/// Every method that needs an open transaction takes the [Handle] of one. A connection that is lost
/// or cannot be had becomes [ErrorCode#DATABASE_UNAVAILABLE]; the transaction has then not
/// happened, or, where the loss came during commit, it has happened wholly or not at all.
public final class Database implements AutoCloseable {
  /// As many transactions may be open at a time; more of them wait.
  private static final int MAX_CONNECTIONS = 20;

  private static final Duration CONNECTION_WAIT = Duration.ofSeconds(3);

  /// A database that does not answer a statement for so long is cut off from us: the connection is
  /// given up. Far longer than any statement takes.
  private static final Duration ANSWER_WAIT = Duration.ofSeconds(45);

  /// What the database does with us when we are cut off in the middle of a transaction: it ends the
  /// session, and with it the locks for which the other servers wait. Longer than whatever happens
  /// between two statements of a transaction, such as signing a batch or reading a push's commits.
  private static final String SESSION =
      "-c idle_in_transaction_session_timeout=20s -c tcp_user_timeout=10s"
          + " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

  /// How PostgreSQL says that it cannot write.
  private static final String DISK_FULL = "53100";

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Notifications notifications;

  /// Done when the schema is up to date; until then every transaction waits.
  private final CompletableFuture<?> ready;

  private Database(DatabaseUrl url, Consumer<HikariDataSource> preparation) {
    var connections = pool(url);
    this.pool = connections;
    this.jdbi = Jdbi.create(connections).installPlugin(new PostgresPlugin());
    this.ready =
        CompletableFuture.runAsync(
            () -> preparation.accept(connections), Thread.ofPlatform().name("schema")::start);
    this.notifications = new Notifications(url, ready);
  }

  /// Connects and brings the schema up to date, beside the caller: whoever needs it first waits.
  public static Database open(DatabaseUrl url) {
    return new Database(url, _ -> migrate(url));
  }

  /// As [#open(DatabaseUrl)], for our own PostgreSQL, which may not take connections yet.
  public static Database open(EmbeddedPostgreSql postgres) {
    var url = postgres.url();
    return new Database(
        url,
        _ -> {
          postgres.awaitReady();
          migrate(url);
        });
  }

  /// Connects to a database whose schema is up to date already.
  static Database connect(DatabaseUrl url) {
    return new Database(url, _ -> {});
  }

  private static HikariDataSource pool(DatabaseUrl url) {
    var config = new HikariConfig();
    config.setPoolName("fairway");
    config.setJdbcUrl(url.jdbc());
    config.setUsername(url.user());
    config.setPassword(url.password());
    config.setMaximumPoolSize(MAX_CONNECTIONS);
    config.setMinimumIdle(2);
    config.setConnectionTimeout(CONNECTION_WAIT.toMillis());
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "fairway");
    config.addDataSourceProperty("reWriteBatchedInserts", "true");
    // There are few statements, and each comes again: planned once, not five times.
    config.addDataSourceProperty("prepareThreshold", "2");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("socketTimeout", Long.toString(ANSWER_WAIT.toSeconds()));
    config.addDataSourceProperty("options", SESSION);
    return new HikariDataSource(config);
  }

  private static void migrate(DatabaseUrl url) {
    try {
      Flyway.configure()
          // Of its own: a change of the schema may take as long as it takes.
          .dataSource(url.jdbc(), url.user(), url.password())
          .locations("classpath:db/migration")
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new FairwayException(
          ErrorCode.DATABASE_UNAVAILABLE,
          "The schema of " + url.jdbc() + " could not be brought up to date: " + reason(e),
          "Check that the server is reachable, is PostgreSQL 15 or newer, and that the user may"
              + " create tables.",
          e);
    }
  }

  /// What the driver said; the layers above it only say that they failed.
  private static String reason(Throwable failure) {
    var cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  /// Waits until the schema is up to date.
  ///
  /// @throws FairwayException when it could not be brought there
  public void awaitReady() {
    try {
      ready.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof FairwayException failure ? failure : e;
    }
  }

  /// Runs the work in a read-only transaction.
  public <T extends @Nullable Object> T read(Function<Handle, T> work) {
    return transaction(handle -> {
      handle.setReadOnly(true);
      return work.apply(handle);
    });
  }

  /// Runs the work in a transaction and commits; an exception rolls it back.
  public <T extends @Nullable Object> T transaction(Function<Handle, T> work) {
    awaitReady();
    var notes = new ArrayList<Note>();
    T result;
    try {
      result =
          jdbi.inTransaction(handle -> {
            var done = work.apply(handle);
            notes.addAll(handle.getConfig(Note.Pending.class).notes());
            return done;
          });
    } catch (JdbiException e) {
      throw refusal(e);
    }
    if (!notes.isEmpty()) {
      notifications.tell(notes);
    }
    return result;
  }

  /// Runs a single statement that reads, without the round trips that a transaction costs.
  public <T> T look(Function<Handle, T> statement) {
    awaitReady();
    try {
      return jdbi.withHandle(statement::apply);
    } catch (JdbiException e) {
      throw refusal(e);
    }
  }

  private static RuntimeException refusal(JdbiException e) {
    return full(e) ? noRoom(e) : unavailable(e) ? unavailability(e) : e;
  }

  /// As [#transaction], for work without a result.
  public void run(Consumer<Handle> work) {
    this.<@Nullable Object>transaction(handle -> {
      work.accept(handle);
      return null;
    });
  }

  /// Calls back, on a thread of its own, for everything that is told on the channel; and once with
  /// an empty payload whenever the connection was (re-)made, because something may have been
  /// missed.
  public void listen(String channel, Consumer<String> callback) {
    notifications.listen(channel, callback);
  }

  /// Tells every server something when the transaction has committed. It is a hint: a server that
  /// dies at that moment has told nobody, so who listens looks now and then as well.
  public static void notify(Handle tx, String channel, String payload) {
    tx.getConfig(Note.Pending.class).add(new Note(channel, payload));
  }

  /// Whether the database answers now.
  public boolean reachable() {
    try {
      return read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one() == 1);
    } catch (FairwayException e) {
      return false;
    }
  }

  @Override
  public void close() {
    ready.exceptionally(_ -> null).join();
    notifications.close();
    pool.close();
  }

  private static boolean unavailable(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return true;
      }
      // 08 connection exceptions, 57P01..57P03 shutting down, crashed, starting, 53300 too many.
      if (cause instanceof SQLException sql
          && sql.getSQLState() instanceof String state
          && (state.startsWith("08") || state.startsWith("57P0") || state.equals("53300"))) {
        return true;
      }
    }
    return false;
  }

  private static boolean full(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static FairwayException noRoom(Exception cause) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The database's disk is full",
        "Nothing half-written is kept. Make room on the disk of PostgreSQL; agents send again.",
        cause);
  }

  private static FairwayException unavailability(Exception cause) {
    return new FairwayException(
        ErrorCode.DATABASE_UNAVAILABLE,
        "The database does not answer",
        "Nothing was lost. Try again in a few seconds; if it stays so, look at PostgreSQL.",
        cause);
  }
}
