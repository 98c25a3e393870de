package dev.fairway.server.run.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import dev.fairway.server.db.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JobLogsTest {
  private final TestDatabase test = TestDatabase.create();
  private final JobLogs logs = new JobLogs(test.database());
  private final UUID job = job();

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void whatIsSentAgainIsPassedOver() {
    assertThat(append(0, "one\ntwo\n")).isEqualTo(8);
    assertThat(append(0, "one\ntwo\n")).isEqualTo(8);
    assertThat(append(4, "two\nthree\n")).isEqualTo(14);
    assertThat(append(2, "")).isEqualTo(14);

    assertThat(logs.lines(job, 1, 10).lines()).containsExactly("one", "two", "three");
  }

  @Test
  void aLogThatAnEarlierVersionBeganIsGoneOnWith() throws IOException {
    var begun = "one\ntwo\n".getBytes(StandardCharsets.UTF_8);
    var compressed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(compressed)) {
      out.write(begun);
    }
    test.database()
        .run(tx -> {
          tx.execute("INSERT INTO job_log VALUES (?, ?, 2, 0)", job, begun.length);
          tx.execute(
              """
              INSERT INTO log_segment (job_id, start_offset, length, lines_through, data)
              VALUES (?, 0, ?, 2, ?)
              """,
              job,
              begun.length,
              compressed.toByteArray());
        });

    append(begun.length, "three\n");

    assertThat(logs.lines(job, 1, 10).lines()).containsExactly("one", "two", "three");
  }

  @Test
  void aGapIsRefusedWithTheSizeThatWeHold() {
    append(0, "one\n");

    assertThatThrownBy(() -> append(9, "three\n"))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.LOG_GAP);
              assertThat(e.details()).containsEntry("size", 4L);
            });
  }

  @Test
  void everyLineOpensWhateverTheSegmentsThatItCrosses() {
    var random = new Random(42);
    var lines = 40_000;
    var text = new StringBuilder();
    for (var i = 1; i <= lines; i++) {
      text.append("line ")
          .append(i)
          .append(" ")
          .append("x".repeat(random.nextInt(60)))
          .append('\n');
    }
    var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    for (var at = 0; at < bytes.length; ) {
      var size = Math.min(1 + random.nextInt(90_000), bytes.length - at);
      append(at, new String(bytes, at, size, StandardCharsets.UTF_8));
      at += size;
    }

    for (var i = 0; i < 50; i++) {
      var line = 1 + random.nextInt(lines);
      var read = logs.lines(job, line, 3);
      assertThat(read.lines().getFirst()).startsWith("line " + line + " ");
    }
    assertThat(logs.lines(job, lines, 3).lines()).hasSize(1);
    assertThat(logs.lines(job, lines + 1, 3).lines()).isEmpty();
    assertThat(segments()).as("small segments are merged").isLessThan(bytes.length / 200_000 + 8);
    assertThat(copy()).isEqualTo(text.toString());
  }

  @Test
  void aLineWithoutAnEndIsReadAndALongOneIsCut() {
    append(0, "a\n" + "y".repeat(LogLines.MAX_LINE_BYTES + 7) + "\nend");

    var lines = logs.lines(job, 1, 10).lines();

    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).endsWith("… 7 more bytes");
    assertThat(lines.get(2)).isEqualTo("end");
  }

  @Test
  void ofALineThatIsWrittenOverTheLastStateIsLeftAndTheDownloadHasItAll() {
    var stamp = "2026-11-22T14:02:11.123Z ";
    var bar = new StringBuilder(stamp);
    for (var i = 0; i <= 100_000; i++) {
      bar.append("\r").append(i).append(" of 100000 …");
    }
    var text = bar + "\r\n" + stamp + "a\r\nplain\r\rover\n";
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    // Characters of several bytes are cut in the middle.
    for (var at = 0; at < bytes.length; at += 99_991) {
      var part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 99_991));
      var offset = at;
      test.database().run(tx -> logs.append(tx, job, offset, part));
    }

    assertThat(logs.lines(job, 1, 10).lines())
        .containsExactly(stamp + "100000 of 100000 …", stamp + "a", "over");
    assertThat(copy()).isEqualTo(text);
  }

  @Test
  void aSearchStopsAtItsLimitAndSaysWhereToGoOn() {
    append(0, "hit\nmiss\nhit\nhit\n");

    var first = logs.search(job, "hit", 1, 2);

    assertThat(first.lines()).containsExactly(1L, 3L);
    assertThat(logs.search(job, "hit", first.next(), 2).lines()).containsExactly(4L);
  }

  @Test
  void aSearchFindsTextInEitherCaseAlsoWhereSegmentsMeet() {
    append(0, "all well\nan ERR");
    append(15, "or here\nerrerror\nfine\n");

    assertThat(logs.search(job, "Error", 1, 1_000).lines()).containsExactly(2L, 3L);
    assertThat(logs.search(job, "error", 3, 1_000).lines()).containsExactly(3L);
    assertThat(logs.search(job, "nothing", 1, 1_000).lines()).isEmpty();
  }

  @Test
  void aLogThatIsNotThereHasNoLines() {
    assertThat(logs.lines(UUID.randomUUID(), 1, 10).lines()).isEmpty();
  }

  private long append(long offset, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return test.database().transaction(tx -> logs.append(tx, job, offset, bytes));
  }

  private String copy() {
    var out = new ByteArrayOutputStream();
    try {
      logs.copy(job, out);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private int segments() {
    return test.database()
        .read(tx -> tx.createQuery("SELECT count(*) FROM log_segment").mapTo(Integer.class).one());
  }

  private UUID job() {
    var run = Ids.next();
    var id = Ids.next();
    test.database()
        .run(tx -> {
          tx.execute(
              """
              INSERT INTO run (id, project_id, project, number, attempt, workflow_path, workflow_name,
                               workflow_text, title, event, ref, commit_sha, actor, contexts, phase,
                               created_at)
              VALUES (?, ?, 'p', 1, 1, 'ci.yml', 'ci', '', 't', 'push', 'refs/heads/main', 'c', 'ada',
                      '{}', 'running', now())
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
