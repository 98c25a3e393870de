package dev.fairway.server.run.log;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/// Appends to the logs of jobs and reads them.
public final class JobLogs {
  /// Notified with the job's id whenever its log has grown.
  public static final String CHANNEL = "job_log";

  /// One call appends at most so many bytes.
  public static final int MAX_APPEND_BYTES = 1 << 20;

  /// A log may have so many bytes; the agent cuts it there.
  static final long MAX_LOG_BYTES = 1L << 30;

  private static final String INSERT_SEGMENT =
      """
      INSERT INTO log_segment (job_id, start_offset, length, lines_through, codec, data)
      VALUES (:job, :start, :length, :lines, :codec, :data)
      """;

  /// Reading and searching go by segments, each in a short transaction of its own.
  private final Database database;

  public JobLogs(Database database) {
    this.database = database;
  }

  /// How much there is.
  ///
  /// @param lines whole lines, and the last one where it is not ended
  public record Extent(long size, long lines) {}

  /// Takes the bytes that the log has from that offset on, those that are new.
  ///
  /// @return the log's size
  public long append(Handle tx, UUID job, long offset, byte[] bytes) {
    var state = lock(tx, job);
    if (offset > state.size()) {
      throw new FairwayException(
          ErrorCode.LOG_GAP,
          "The log has %d bytes, and byte %d was sent".formatted(state.size(), offset),
          "Send it from byte " + state.size() + ".",
          Map.of("size", state.size()),
          null);
    }
    var known = (int) Math.min(bytes.length, state.size() - offset);
    var fresh = known == 0 ? bytes : Arrays.copyOfRange(bytes, known, bytes.length);
    if (fresh.length == 0) {
      return state.size();
    }
    if (state.size() + fresh.length > MAX_LOG_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "A log may have " + MAX_LOG_BYTES + " bytes",
          "Write less, or upload it as an artifact.");
    }
    var segment =
        new LogSegment(state.size(), state.newlines() + LogSegment.newlines(fresh), fresh);
    var full = segment.end() - state.looseFrom() >= LogSegment.FULL_BYTES;
    if (full && state.looseFrom() < segment.start()) {
      segment = merged(tx, job, state.looseFrom(), segment);
    }
    add(tx, job, segment, full ? segment.end() : state.looseFrom());
    Database.notify(tx, CHANNEL, job.toString());
    return segment.end();
  }

  /// Takes the logs of jobs of which nothing is known yet; nobody else may be at them.
  public void begin(Handle tx, Map<UUID, byte[]> logs) {
    if (logs.isEmpty()) {
      return;
    }
    var states =
        tx.prepareBatch(
            """
            INSERT INTO job_log (job_id, size, newlines, loose_from)
            VALUES (:job, :length, :lines, :loose)
            """);
    var segments = tx.prepareBatch(INSERT_SEGMENT);
    logs.forEach((job, bytes) -> {
      var segment = new LogSegment(0, LogSegment.newlines(bytes), bytes);
      var full = segment.end() >= LogSegment.FULL_BYTES;
      states
          .bind("job", job)
          .bind("length", segment.end())
          .bind("lines", segment.linesThrough())
          .bind("loose", full ? segment.end() : 0)
          .add();
      bind(segments, job, segment).add();
      Database.notify(tx, CHANNEL, job.toString());
    });
    states.execute();
    segments.execute();
  }

  /// How much of the job's log there is now.
  public Extent extent(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM job_log WHERE job_id = :job")
        .bind("job", job)
        .map((row, _) ->
            new State(row.getLong("size"), row.getLong("newlines"), row.getLong("loose_from")))
        .findOne()
        .map(state -> new Extent(state.size(), state.newlines()))
        .orElse(new Extent(0, 0));
  }

  /// Lines from that one on, counted from 1.
  public LogLines lines(UUID job, long from, int count) {
    return LogLines.read(segments(job, segmentOfLine(job, from)), from, count);
  }

  /// Lines that contain the text, whatever its case, from that one on, as many as `limit` at once.
  public LogSearch.Result search(UUID job, String text, long from, int limit) {
    return LogSearch.find(segments(job, segmentOfLine(job, from)), text, from, limit);
  }

  /// Writes the whole log.
  public void copy(UUID job, OutputStream out) throws IOException {
    var segments = segments(job, 0);
    while (segments.hasNext()) {
      out.write(segments.next().bytes());
    }
  }

  /// The segment at which the line begins, or in which the line before it ends.
  private long segmentOfLine(UUID job, long line) {
    return database.read(tx ->
        tx.createQuery(
                """
                SELECT start_offset FROM log_segment
                WHERE job_id = :job AND lines_through >= :before
                ORDER BY lines_through, start_offset LIMIT 1
                """)
            .bind("job", job)
            .bind("before", line - 1)
            .mapTo(Long.class)
            .findOne()
            .orElse(Long.MAX_VALUE));
  }

  private Iterator<LogSegment> segments(UUID job, long start) {
    return new Iterator<>() {
      private long next = start;
      private @Nullable LogSegment read;

      @Override
      public boolean hasNext() {
        if (read == null) {
          read = database.read(tx -> segment(tx, job, next)).orElse(null);
        }
        return read != null;
      }

      @Override
      public LogSegment next() {
        if (!hasNext() || read == null) {
          throw new NoSuchElementException();
        }
        var segment = read;
        read = null;
        next = segment.end();
        return segment;
      }
    };
  }

  /// The segment that has that byte: a merge in between may have made a larger one of it.
  private static Optional<LogSegment> segment(Handle tx, UUID job, long offset) {
    return tx.createQuery(
            """
            SELECT start_offset, lines_through, length, codec, data FROM log_segment
            WHERE job_id = :job AND start_offset <= :offset
            ORDER BY start_offset DESC LIMIT 1
            """)
        .bind("job", job)
        .bind("offset", offset)
        .map((row, _) -> segment(row))
        .findOne()
        .filter(segment -> segment.end() > offset)
        .map(segment -> from(segment, offset));
  }

  private static LogSegment segment(ResultSet row) throws SQLException {
    return new LogSegment(
        row.getLong("start_offset"),
        row.getLong("lines_through"),
        LogSegment.expand(
            LogSegment.Codec.of(row.getInt("codec")), row.getBytes("data"), row.getInt("length")));
  }

  private static LogSegment from(LogSegment segment, long offset) {
    return segment.start() == offset
        ? segment
        : new LogSegment(
            offset,
            segment.linesThrough(),
            Arrays.copyOfRange(
                segment.bytes(), (int) (offset - segment.start()), segment.bytes().length));
  }

  private record State(long size, long newlines, long looseFrom) {}

  private static State lock(Handle tx, UUID job) {
    return known(tx, job)
        .orElseGet(() -> {
          var made =
              tx.createUpdate(
                      """
                      INSERT INTO job_log (job_id, size, newlines, loose_from)
                      VALUES (:job, 0, 0, 0)
                      ON CONFLICT DO NOTHING
                      """)
                  .bind("job", job)
                  .execute();
          return made == 1 ? new State(0, 0, 0) : known(tx, job).orElseThrow();
        });
  }

  private static Optional<State> known(Handle tx, UUID job) {
    return tx.createQuery("SELECT * FROM job_log WHERE job_id = :job FOR UPDATE")
        .bind("job", job)
        .map((row, _) ->
            new State(row.getLong("size"), row.getLong("newlines"), row.getLong("loose_from")))
        .findOne();
  }

  private static void add(Handle tx, UUID job, LogSegment segment, long loose) {
    bind(
            tx.createUpdate(
                """
                WITH grown AS (
                  UPDATE job_log SET size = :start + :length, newlines = :lines, loose_from = :loose
                  WHERE job_id = :job
                )
                """
                    + INSERT_SEGMENT),
            job,
            segment)
        .bind("loose", loose)
        .execute();
  }

  private static <T extends SqlStatement<T>> T bind(T statement, UUID job, LogSegment segment) {
    return statement
        .bind("job", job)
        .bind("start", segment.start())
        .bind("length", segment.bytes().length)
        .bind("lines", segment.linesThrough())
        .bind("codec", LogSegment.Codec.LZ4.number())
        .bind("data", LogSegment.compress(segment.bytes()));
  }

  /// Takes the small segments away, and makes one of them and the last one.
  private static LogSegment merged(Handle tx, UUID job, long from, LogSegment last) {
    var small =
        new ArrayList<>(
            tx.createQuery(
                    """
                    DELETE FROM log_segment WHERE job_id = :job AND start_offset >= :from
                    RETURNING start_offset, lines_through, length, codec, data
                    """)
                .bind("job", job)
                .bind("from", from)
                .map((row, _) -> segment(row))
                .list());
    small.add(last);
    return new LogSegment(from, last.linesThrough(), joined(small));
  }

  private static byte[] joined(List<LogSegment> segments) {
    var all = new ByteArrayOutputStream();
    segments.stream()
        .sorted((a, b) -> Long.compare(a.start(), b.start()))
        .forEach(segment -> all.writeBytes(segment.bytes()));
    return all.toByteArray();
  }
}
