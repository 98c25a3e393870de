package dev.fairway.bench;

import dev.fairway.api.DurableFiles;
import dev.fairway.ledger.Bytes;
import dev.fairway.ledger.Checkpoint;
import dev.fairway.ledger.FolderTileStore;
import dev.fairway.ledger.InTotoStatement;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.Subject;
import dev.fairway.ledger.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How fast the log is, on a real folder: appending in batches of 1,000, each with fsync and a
/// signed checkpoint, and reading 1,000,000 entries again. Signing statements is measured apart.
@Fork(1)
public class LedgerBenchmark {
  private static final int BATCH = 1_000;
  private static final int MILLION = 1_000_000;
  private static final LedgerKeys KEYS =
      LedgerKeys.generate("bench.example.test/ledger", new SecureRandom());

  private static final InTotoStatement STATEMENT =
      new InTotoStatement(
          List.of(new Subject("app.zip", Map.of("sha256", "d1".repeat(32)))),
          "https://in-toto.io/attestation/test-result/v0.1",
          "{\"result\":\"PASSED\"}",
          new InTotoStatement.Context(
              List.of("run:1"), "bench", Instant.parse("2026-11-22T00:00:00Z")));

  /// Leaves as large as real ones, each different.
  private static List<Bytes> batch(int number) {
    var leaf = KEYS.leaf(KEYS.sign(STATEMENT)).toArray();
    var batch = new ArrayList<Bytes>();
    for (int i = 0; i < BATCH; i++) {
      ByteBuffer.wrap(leaf).putInt(number).putInt(i);
      batch.add(Bytes.of(leaf));
    }
    return batch;
  }

  /// An empty log.
  @State(Scope.Thread)
  public static class Growing {
    private final Path folder;
    private final Log log;
    private final List<Bytes> batch = batch(0);

    public Growing() {
      try {
        folder = Files.createTempDirectory("fairway-bench");
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      log = Log.open(new FolderTileStore(folder), KEYS);
    }

    @TearDown(Level.Trial)
    public void remove() throws IOException {
      DurableFiles.delete(folder);
    }
  }

  /// A log of a million entries.
  @State(Scope.Thread)
  public static class Grown {
    private final Path folder;

    public Grown() {
      try {
        folder = Files.createTempDirectory("fairway-bench");
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    @Setup(Level.Trial)
    public void fill() {
      var log = Log.open(new FolderTileStore(folder), KEYS);
      // Larger batches than while measuring: only what comes out counts here.
      var entries = new ArrayList<Bytes>();
      for (int number = 0; number < MILLION / BATCH; number++) {
        entries.addAll(batch(number));
        if (entries.size() == Log.MAX_BATCH) {
          log.append(entries);
          entries.clear();
        }
      }
    }

    @TearDown(Level.Trial)
    public void remove() throws IOException {
      DurableFiles.delete(folder);
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @OperationsPerInvocation(BATCH)
  @Warmup(iterations = 2, time = 2)
  @Measurement(iterations = 3, time = 2)
  public long append(Growing state) {
    return state.log.append(state.batch);
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 1)
  @Measurement(iterations = 3)
  public Verdict<Checkpoint> verifyAMillion(Grown state) {
    return LogAudit.verify(new FolderTileStore(state.folder), KEYS.trusted());
  }

  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @Warmup(iterations = 1, time = 2)
  @Measurement(iterations = 2, time = 2)
  public Object signOneStatement() {
    return KEYS.sign(STATEMENT);
  }
}
