package dev.fairway.server.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/// A database of its own for one test, with the schema in it, on one PostgreSQL for all tests.
public final class TestDatabase implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name;
  private final DatabaseUrl url;
  private final Database database;

  private TestDatabase(String name) {
    this.name = name;
    this.url = url(Shared.POSTGRES, name);
    this.database = Database.connect(url);
  }

  public static TestDatabase create() {
    var name = "test_" + NUMBER.incrementAndGet();
    // Copying files is five times as fast as logging every page, where nothing is on a disk.
    execute("CREATE DATABASE " + name + " TEMPLATE fairway_template STRATEGY file_copy");
    return new TestDatabase(name);
  }

  public Database database() {
    return database;
  }

  public DatabaseUrl url() {
    return url;
  }

  @Override
  public void close() {
    database.close();
    execute("DROP DATABASE " + name + " WITH (FORCE)");
  }

  private static DatabaseUrl url(EmbeddedPostgres postgres, String name) {
    return new DatabaseUrl(
        "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/" + name, "postgres", "");
  }

  private static void execute(String sql) {
    try (var connection = Shared.POSTGRES.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Started by the first test that needs it, stopped with the JVM. What it holds is thrown away,
  /// so it need not be durable; the tests that kill PostgreSQL start one of their own.
  private static final class Shared {
    /// Files that are in memory only, where the machine has such a folder.
    static final Path MEMORY = Path.of("/dev/shm");

    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        var builder = EmbeddedPostgres.builder().setServerConfig("listen_addresses", "127.0.0.1");
        if (Files.isWritable(MEMORY)) {
          builder.setDataDirectory(Files.createTempDirectory(MEMORY, "fairway-test"));
        }
        var postgres = builder.start();
        try (var connection = postgres.getPostgresDatabase().getConnection();
            var statement = connection.createStatement()) {
          statement.execute("CREATE DATABASE fairway_template");
        }
        try (var template = Database.open(url(postgres, "fairway_template"))) {
          template.awaitReady();
        }
        return postgres;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
