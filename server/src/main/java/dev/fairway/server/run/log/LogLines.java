package dev.fairway.server.run.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// A stretch of lines.
///
/// @param first the number of the first one, from 1
/// @param lines without their newlines; a line of more than [#MAX_LINE_BYTES] is cut, and of one
///   that goes back to its beginning, as a progress bar does, the last state is left, as on a
///   terminal
public record LogLines(long first, List<String> lines) {
  /// As many lines come at once.
  public static final int MAX_LINES = 2_000;

  /// More of a line is shown by nobody; the download has it all.
  static final int MAX_LINE_BYTES = 16 << 10;

  private static final int STAMP_BYTES = "2026-11-22T14:02:11.123Z ".length();

  /// What comes at once has at most so many bytes, and at least one line.
  private static final int MAX_BYTES = 2 << 20;

  public LogLines {
    lines = List.copyOf(lines);
  }

  /// The number of the line after the last one here.
  public long next() {
    return first + lines.size();
  }

  /// Reads whole lines, and the last one of the log even where it has no end yet.
  static LogLines read(Iterator<LogSegment> segments, long from, int count) {
    var reader = new Reader(from, Math.min(count, MAX_LINES));
    while (segments.hasNext() && !reader.full()) {
      reader.read(segments.next());
    }
    reader.end();
    return new LogLines(from, reader.lines);
  }

  private static final class Reader {
    private final long from;
    private final int count;
    private final List<String> lines = new ArrayList<>();
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int length;
    private long dropped;
    private boolean returned;
    private long number = -1;
    private long bytes;

    Reader(long from, int count) {
      this.from = from;
      this.count = count;
    }

    boolean full() {
      return lines.size() >= count || bytes > MAX_BYTES;
    }

    void read(LogSegment segment) {
      if (number < 0) {
        number = segment.linesBefore() + 1;
      }
      for (var b : segment.bytes()) {
        if (full()) {
          return;
        }
        if (b == '\n') {
          finish();
        } else if (b == '\r') {
          returned = true;
        } else if (returned) {
          overwrite(b);
        } else if (length < line.length) {
          line[length++] = b;
        } else {
          dropped++;
        }
      }
    }

    /// Begins the line anew, behind the time that stands before it.
    private void overwrite(byte first) {
      length = stampLength();
      dropped = 0;
      returned = false;
      line[length++] = first;
    }

    /// Of `2026-11-22T14:02:11.123Z ` at the beginning of the line; 0 where none stands there.
    private int stampLength() {
      var stamped =
          length >= STAMP_BYTES
              && line[10] == 'T'
              && line[19] == '.'
              && line[STAMP_BYTES - 2] == 'Z'
              && line[STAMP_BYTES - 1] == ' ';
      return stamped ? STAMP_BYTES : 0;
    }

    void end() {
      if (length > 0 && !full()) {
        finish();
      }
    }

    private void finish() {
      if (number >= from) {
        var text = new String(line, 0, length, StandardCharsets.UTF_8);
        lines.add(dropped == 0 ? text : text + " … " + dropped + " more bytes");
        bytes += length;
      }
      number++;
      length = 0;
      dropped = 0;
      returned = false;
    }
  }
}
