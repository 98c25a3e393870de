package dev.fairway.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedPostgreSqlTest {
  /// One for all tests: making a database takes seconds, taking it up does not.
  @TempDir private static Path folder;

  @AfterEach
  void endWhatATestLeft() {
    EmbeddedPostgreSql.halt(folder);
  }

  @Test
  void whatWasWrittenIsThereAtTheNextStart() throws SQLException {
    try (var first = EmbeddedPostgreSql.open(folder)) {
      first.awaitReady();
      execute(first.url(), "CREATE TABLE kept (n int)");
    }
    assertThat(EmbeddedPostgreSql.running(folder)).isEmpty();

    try (var second = EmbeddedPostgreSql.open(folder)) {
      second.awaitReady();
      execute(second.url(), "INSERT INTO kept VALUES (1)");
    }
  }

  @Test
  void itWritesDurablyAndAsksForItsPassword() throws SQLException {
    try (var postgres = EmbeddedPostgreSql.open(folder)) {
      postgres.awaitReady();

      for (var setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
        assertThat(show(postgres.url(), setting)).as(setting).isEqualTo("on");
      }
      assertThat(show(postgres.url(), "unix_socket_directories")).isEmpty();
      var guess = new DatabaseUrl(postgres.url().jdbc(), postgres.url().user(), "guess");
      assertThatThrownBy(() -> execute(guess, "SELECT 1")).hasMessageContaining("password");
    }
  }

  @Test
  void oneThatOutlivedItsServerIsAdoptedAndOneThatWasKilledStartsAgain() throws Exception {
    var pid = leaveRunning();

    try (var adopter = EmbeddedPostgreSql.open(folder)) {
      assertThat(EmbeddedPostgreSql.running(folder)).contains(pid);

      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (EmbeddedPostgreSql.running(folder).filter(now -> !now.equals(pid)).isEmpty()) {
        assertThat(System.nanoTime()).as("it is started again").isLessThan(deadline);
        Thread.onSpinWait();
      }
      adopter.awaitReady();
    }
  }

  @Test
  void oneThatIsClosedWhileItIsStartedAgainDoesNotStay() throws Exception {
    var postgres = EmbeddedPostgreSql.open(folder);
    postgres.awaitReady();
    var pid = EmbeddedPostgreSql.running(folder).orElseThrow();
    var killed = ProcessHandle.of(pid).orElseThrow();
    killed.destroyForcibly();
    killed.onExit().get(30, TimeUnit.SECONDS);
    var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (startedByUs().isEmpty()) {
      assertThat(System.nanoTime()).as("it is started again").isLessThan(deadline);
      Thread.onSpinWait();
    }

    postgres.close();

    assertThat(startedByUs()).isEmpty();
  }

  /// Children of this process that are a PostgreSQL of the folder, or are going to be.
  private static List<ProcessHandle> startedByUs() {
    return ProcessHandle.current()
        .children()
        .filter(child ->
            child.info().arguments().stream()
                .flatMap(Arrays::stream)
                .anyMatch(folder.resolve("data").toString()::equals))
        .toList();
  }

  @Test
  void whatNobodyHoldsCanBeHalted() throws Exception {
    leaveRunning();

    EmbeddedPostgreSql.halt(folder);

    assertThat(EmbeddedPostgreSql.running(folder)).isEmpty();
  }

  @Test
  void oneThatTheLibraryLeftRunningIsNotAdopted() throws Exception {
    EmbeddedPostgreSql.open(folder).close();
    var library =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder.resolve("data"))
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setConnectConfig("password", Files.readString(folder.resolve("password")))
            .start();
    var left = EmbeddedPostgreSql.running(folder).orElseThrow();

    try (var postgres = EmbeddedPostgreSql.open(folder)) {
      postgres.awaitReady();
      assertThat(EmbeddedPostgreSql.running(folder)).isPresent().get().isNotEqualTo(left);
      assertThat(show(postgres.url(), "fsync")).isEqualTo("on");
    } finally {
      library.close();
    }
  }

  @Test
  void whatAnInterruptedFirstStartLeftIsPutAsideAndMadeAnew(@TempDir Path interrupted)
      throws Exception {
    var half = Files.createDirectories(interrupted.resolve("data").resolve("global"));
    Files.writeString(half.resolveSibling("PG_VERSION"), "half");

    try (var postgres = EmbeddedPostgreSql.open(interrupted)) {
      postgres.awaitReady();
      execute(postgres.url(), "CREATE TABLE kept (n int)");
    }
    assertThat(interrupted).isDirectoryContaining("glob:**/data-put-aside*");
  }

  @Test
  void oneThatCannotStartSaysWhy() throws Exception {
    EmbeddedPostgreSql.open(folder).close();
    var version = folder.resolve("data").resolve("PG_VERSION");
    var elsewhere = Files.move(version, folder.resolve("PG_VERSION"));

    assertThatThrownBy(() -> EmbeddedPostgreSql.open(folder))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("did not start")
        .hasMessageContaining("PG_VERSION");

    Files.move(elsewhere, version);
  }

  /// Lets another process start it and die; gives the process id of what it leaves.
  private long leaveRunning() throws Exception {
    var holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    assertThat(holder.waitFor()).isZero();
    return EmbeddedPostgreSql.running(folder).orElseThrow();
  }

  /// Starts a PostgreSQL and dies without stopping it.
  static final class Holder {
    public static void main(String... arguments) {
      EmbeddedPostgreSql.open(Path.of(arguments[0])).awaitReady();
      Runtime.getRuntime().halt(0);
    }
  }

  private static void execute(DatabaseUrl url, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String show(DatabaseUrl url, String setting) throws SQLException {
    try (var connection = DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SHOW " + setting)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
