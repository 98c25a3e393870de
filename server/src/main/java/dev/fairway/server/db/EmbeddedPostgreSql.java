package dev.fairway.server.db;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of our own in a folder, for those who have none.
///
/// It outlives a kill -9 of this process, and the next start adopts it; when it dies itself it is
/// started again on the same port. It writes durably (the library that starts it switches `fsync`
/// off, so it is switched on again here), and asks for a password even on loopback, because jobs
/// share this machine's network.
public final class EmbeddedPostgreSql implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgreSql.class);

  private static final Duration START_WAIT = Duration.ofSeconds(30);
  private static final Duration STOP_WAIT = Duration.ofSeconds(20);
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);
  private static final String SUPERUSER = "postgres";

  private static final String ACCESS_RULES =
      """
      # TYPE DATABASE USER ADDRESS METHOD
      host all all 127.0.0.1/32 scram-sha-256
      """;

  private final Path data;
  private final Path binaries;
  private final int port;
  private final String password;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable EmbeddedPostgres started;

  private EmbeddedPostgreSql(Path folder) throws IOException {
    this.data = folder.resolve("data");
    this.binaries = folder.resolve("binaries");
    Files.createDirectories(data);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    this.password = password(folder.resolve("password"));
    var adopted = postmaster();
    this.port = adopted.isPresent() ? adopted.get().port() : freePort(folder.resolve("port"));
    if (adopted.isEmpty()) {
      start();
    }
    Thread.ofVirtual().name("postgresql-watch").start(this::watch);
  }

  /// Starts the PostgreSQL of that folder, or adopts it where it runs already.
  public static EmbeddedPostgreSql open(Path folder) {
    try {
      return new EmbeddedPostgreSql(folder);
    } catch (IOException | IllegalStateException e) {
      throw new FairwayException(
          ErrorCode.DATABASE_UNAVAILABLE,
          "The embedded PostgreSQL in " + folder + " did not start: " + e.getMessage(),
          "Look at its output above; or set FAIRWAY_DATABASE_URL to use another PostgreSQL.",
          e);
    }
  }

  public DatabaseUrl url() {
    return new DatabaseUrl(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", SUPERUSER, password);
  }

  /// The process id of the postmaster, empty while there is none.
  public Optional<Long> pid() {
    return postmaster().map(Postmaster::pid);
  }

  private record Postmaster(long pid, int port) {}

  /// The running postmaster of our folder, from the file that it keeps there.
  private Optional<Postmaster> postmaster() {
    try {
      var lines = Files.readAllLines(data.resolve("postmaster.pid"));
      var pid = Long.parseLong(lines.get(0).strip());
      var command = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8);
      return command.contains(data.toString())
          ? Optional.of(new Postmaster(pid, Integer.parseInt(lines.get(3).strip())))
          : Optional.empty();
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private synchronized void start() throws IOException {
    if (started != null) {
      started.close();
      started = null;
    }
    started =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOverrideWorkingDirectory(binaries.toFile())
            .setPort(port)
            .setPGStartupWait(START_WAIT)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("max_connections", "100")
            .setConnectConfig("password", password)
            .setOutputRedirector(
                ProcessBuilder.Redirect.appendTo(data.resolveSibling("postgresql.log").toFile()))
            .setErrorRedirector(
                ProcessBuilder.Redirect.appendTo(data.resolveSibling("postgresql.log").toFile()))
            .start();
    var rules = data.resolve("pg_hba.conf");
    if (!Files.readString(rules).equals(ACCESS_RULES)) {
      requirePassword(rules);
    }
  }

  private void requirePassword(Path rules) throws IOException {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres", SUPERUSER, password);
        var statement = connection.createStatement()) {
      statement.execute("ALTER ROLE " + SUPERUSER + " PASSWORD '" + password + "'");
      Files.writeString(rules, ACCESS_RULES);
      statement.execute("SELECT pg_reload_conf()");
    } catch (SQLException e) {
      throw new IOException("could not set the password", e);
    }
  }

  private void watch() {
    try {
      while (!closed.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        if (postmaster().isEmpty()) {
          LOG.warn("PostgreSQL is gone; starting it again");
          try {
            start();
          } catch (IOException | IllegalStateException e) {
            LOG.warn("PostgreSQL did not start, trying again: {}", e.getMessage());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    postmaster().ifPresent(EmbeddedPostgreSql::stop);
  }

  /// SIGINT is PostgreSQL's fast shutdown: it ends the sessions and writes a checkpoint.
  private static void stop(Postmaster postmaster) {
    try {
      new ProcessBuilder("kill", "-INT", Long.toString(postmaster.pid())).start().waitFor();
      ProcessHandle.of(postmaster.pid())
          .map(ProcessHandle::onExit)
          .ifPresent(
              exit -> exit.completeOnTimeout(null, STOP_WAIT.toSeconds(), TimeUnit.SECONDS).join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      var bytes = new byte[24];
      new SecureRandom().nextBytes(bytes);
      var draft = Files.createTempFile(file.getParent(), "password", "");
      Files.writeString(draft, HexFormat.of().formatHex(bytes));
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file);
  }

  /// The same port at every start, as long as it is free.
  private static int freePort(Path file) throws IOException {
    var wanted = Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
    int port;
    try {
      port = probe(wanted);
    } catch (IOException taken) {
      port = probe(0);
    }
    Files.writeString(file, Integer.toString(port));
    return port;
  }

  private static int probe(int port) throws IOException {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
