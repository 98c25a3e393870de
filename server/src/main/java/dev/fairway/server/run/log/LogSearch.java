package dev.fairway.server.run.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Looks for a text in a log. ASCII letters match in either case; the rest matches byte by byte, so
/// that nothing needs to be decoded.
public final class LogSearch {
  /// As many lines are found at once.
  public static final int MAX_MATCHES = 1_000;

  /// As many bytes are looked through at once.
  static final long MAX_BYTES = 128L << 20;

  /// As long may the text be.
  public static final int MAX_TEXT_CHARS = 200;

  private LogSearch() {}

  /// @param lines the numbers of lines that have the text
  /// @param next the line from which to go on; 0 where the whole log was looked through
  public record Result(List<Long> lines, long next) {
    public Result {
      lines = List.copyOf(lines);
    }
  }

  static Result find(Iterator<LogSegment> segments, String text, long from, int limit) {
    var most = Math.min(limit, MAX_MATCHES);
    var wanted = lower(text.getBytes(StandardCharsets.UTF_8));
    var found = new ArrayList<Long>();
    var line = -1L;
    var looked = 0L;
    var matched = 0;
    var counted = false;
    while (segments.hasNext()) {
      var segment = segments.next();
      if (line < 0) {
        line = segment.linesBefore() + 1;
      }
      var bytes = segment.bytes();
      for (var b : bytes) {
        if (b == '\n') {
          line++;
          matched = 0;
          counted = false;
          if (found.size() >= most) {
            return new Result(found, line);
          }
        } else if (!counted) {
          matched = advance(wanted, matched, lower(b));
          if (matched == wanted.length) {
            counted = true;
            matched = 0;
            if (line >= from) {
              found.add(line);
            }
          }
        }
      }
      looked += bytes.length;
      if (looked > MAX_BYTES) {
        // Within a line that counts already, the next look begins behind it.
        return new Result(found, counted && line >= from ? line + 1 : line);
      }
    }
    return new Result(found, 0);
  }

  /// How much of the text is matched after one more byte; on a mismatch, the longest beginning of
  /// it that the bytes so far end with.
  private static int advance(byte[] wanted, int matched, byte b) {
    var length = matched;
    while (true) {
      if (wanted[length] == b) {
        return length + 1;
      }
      if (length == 0) {
        return 0;
      }
      length = border(wanted, length);
    }
  }

  private static int border(byte[] wanted, int length) {
    for (var size = length - 1; size > 0; size--) {
      var same = true;
      for (var i = 0; i < size && same; i++) {
        same = wanted[i] == wanted[length - size + i];
      }
      if (same) {
        return size;
      }
    }
    return 0;
  }

  private static byte[] lower(byte[] bytes) {
    var lower = new byte[bytes.length];
    for (var i = 0; i < bytes.length; i++) {
      lower[i] = lower(bytes[i]);
    }
    return lower;
  }

  private static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
  }
}
