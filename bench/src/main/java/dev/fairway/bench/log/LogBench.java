package dev.fairway.bench.log;

import dev.fairway.api.DurableFiles;
import dev.fairway.server.db.Database;
import dev.fairway.server.db.EmbeddedPostgreSql;
import dev.fairway.server.db.Ids;
import dev.fairway.server.run.log.JobLogs;
import dev.fairway.server.run.log.LogSearch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;

/// Keeps a log of 1,000,000 lines of 100 bytes and opens it at random lines, over a durable
/// PostgreSQL of its own.
public final class LogBench {
  private static final int LINES = 1_000_000;
  private static final int LINE_BYTES = 100;
  private static final int CALL_BYTES = 256 << 10;
  private static final int PAGE_LINES = 500;
  private static final int OPENINGS = 300;
  private static final double ASKED_MILLIS = 200;
  private static final String STAMP = "2026-11-22T14:02:11.123Z ";
  private static final String[] WORDS = {
    "[INFO]", "Running", "Tests run:", "Failures:", "compiled", "dev.example.Transfer", "ok", "took"
  };

  private final JobLogs logs;
  private final Database database;
  private final UUID job;

  private LogBench(Database database) {
    this.database = database;
    this.logs = new JobLogs(database);
    this.job = job();
  }

  public static void main(String[] arguments) throws IOException {
    var folder = Files.createTempDirectory("fairway-log-bench");
    boolean kept;
    try (var postgres = EmbeddedPostgreSql.open(folder);
        var database = Database.open(postgres)) {
      kept = new LogBench(database).run();
    }
    DurableFiles.delete(folder);
    System.exit(kept ? 0 : 1);
  }

  private boolean run() {
    append();
    var millis = openings();
    Arrays.sort(millis);
    System.out.printf(
        "open at a random line, %d lines: p50 %.1f ms, p99 %.1f ms, worst %.1f ms of %d%n",
        PAGE_LINES,
        millis[OPENINGS / 2],
        millis[OPENINGS * 99 / 100],
        millis[OPENINGS - 1],
        OPENINGS);
    var start = System.nanoTime();
    var found = logs.search(job, "line 999999 ", 1, LogSearch.MAX_MATCHES);
    System.out.printf(
        "search through all of it: %.0f ms, found at %s%n", millis(start), found.lines());
    var runtime = Runtime.getRuntime();
    System.out.printf(
        "heap in use: %d MiB of %d%n",
        (runtime.totalMemory() - runtime.freeMemory()) >> 20, runtime.maxMemory() >> 20);
    return millis[OPENINGS * 99 / 100] < ASKED_MILLIS;
  }

  private void append() {
    var random = new Random(1);
    var call = new ByteArrayOutputStream(CALL_BYTES + LINE_BYTES);
    var size = 0L;
    var start = System.nanoTime();
    for (var line = 1; line <= LINES; line++) {
      call.writeBytes(line(line, random));
      if (call.size() >= CALL_BYTES || line == LINES) {
        var bytes = call.toByteArray();
        var offset = size;
        size = database.transaction(tx -> logs.append(tx, job, offset, bytes));
        call.reset();
      }
    }
    var seconds = millis(start) / 1_000;
    long stored =
        database.read(tx ->
            tx.createQuery("SELECT sum(length(data)) FROM log_segment").mapTo(Long.class).one());
    System.out.printf(
        "kept %,d lines, %.1f MB, durably in %.1f s: %.1f MB/s; stored in %.1f MB%n",
        LINES, size / 1e6, seconds, size / 1e6 / seconds, stored / 1e6);
  }

  private static byte[] line(int number, Random random) {
    var text = new StringBuilder(STAMP).append("line ").append(number).append(' ');
    while (text.length() < LINE_BYTES - 1) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ').append(random.nextInt(1_000));
    }
    text.setLength(LINE_BYTES - 1);
    return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private double[] openings() {
    var random = new Random(2);
    var millis = new double[OPENINGS];
    for (var i = 0; i < OPENINGS; i++) {
      var line = 1 + random.nextInt(LINES);
      var start = System.nanoTime();
      var read = logs.lines(job, line, PAGE_LINES);
      millis[i] = millis(start);
      if (!read.lines().getFirst().startsWith(STAMP + "line " + line + " ")) {
        throw new IllegalStateException("line " + line + " is " + read.lines().getFirst());
      }
    }
    return millis;
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private UUID job() {
    var run = Ids.next();
    var id = Ids.next();
    database.run(tx -> {
      tx.execute(
          """
          INSERT INTO run (id, project_id, project, number, attempt, workflow_path, workflow_name,
                           workflow_text, title, event, ref, commit_sha, actor, contexts, phase,
                           created_at)
          VALUES (?, ?, 'bench', 1, 1, 'ci.yml', 'ci', '', 't', 'push', 'refs/heads/main', 'c',
                  'bench', '{}', 'running', now())
          """,
          run,
          run);
      tx.execute(
          """
          INSERT INTO job (id, run_id, project_id, job_key, matrix_index, attempt, current,
                           position, name, needs, phase, created_at)
          VALUES (?, ?, ?, 'test', 0, 1, true, 0, 'test', '{}', 'running', now())
          """,
          id,
          run,
          run);
    });
    return id;
  }
}
