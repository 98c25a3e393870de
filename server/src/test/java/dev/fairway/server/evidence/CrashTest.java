package dev.fairway.server.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.CrashObserver;
import dev.fairway.server.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Ends a real process at every named point and looks at what the next one finds.
class CrashTest {
  private static final int SECONDS = 60;
  private static final int KILLED = 137;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(CrashPoint.class)
  void losesNothingAndRepeatsNothing(CrashPoint point) throws Exception {
    var keys =
        LedgerKeys.openOrCreate(folder.resolve("keys"), CrashingServer.ORIGIN, new SecureRandom());
    try (var test = TestDatabase.create()) {
      var database = test.database();
      database.run(tx -> {
        tx.execute("CREATE TABLE effect (number integer PRIMARY KEY)");
        Log.open(new PostgresTileStore(tx, InstantSource.system().instant()), keys);
      });

      assertThat(dies(test.url().jdbc(), point)).isEqualTo(KILLED);
      // The database may not know yet that the server is dead, and keep its locks.
      database.run(tx -> {
        tx.execute("SELECT pg_advisory_xact_lock(?)", Sequencer.ADVISORY_LOCK);
        tx.execute("SELECT next FROM ledger_cursor FOR UPDATE");
      });

      try (var sequencer =
              new Sequencer(database, keys, InstantSource.system(), CrashObserver.NONE);
          var subscription =
              new Subscription(database, new CrashingServer.Ledgered(), CrashObserver.NONE)) {
        sequencer.sequence();
        int delivered = 0;
        while (subscription.deliverNext()) {
          delivered++;
        }
        assertThat(delivered).isEqualTo(CrashingServer.ENTRIES);
      }
      database.run(tx -> {
        assertThat(
                tx.createQuery("SELECT index FROM ledger_entry ORDER BY index")
                    .mapTo(Long.class)
                    .list())
            .isEqualTo(LongStream.range(0, CrashingServer.ENTRIES).boxed().toList());
        assertThat(
                tx.createQuery("SELECT number FROM effect ORDER BY number")
                    .mapTo(Integer.class)
                    .list())
            .isEqualTo(IntStream.range(0, CrashingServer.ENTRIES).boxed().toList());
        var store = new PostgresTileStore(tx, InstantSource.system().instant());
        assertThat(LogAudit.verify(store, keys.trusted())).isInstanceOf(Verdict.Verified.class);
      });
    }
  }

  private int dies(String jdbc, CrashPoint point) throws Exception {
    var log = folder.resolve("server.log");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UseBASE64Intrinsics",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingServer.class.getName(),
                jdbc,
                folder.resolve("keys").toString(),
                point.name())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as(Files.readString(log)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
