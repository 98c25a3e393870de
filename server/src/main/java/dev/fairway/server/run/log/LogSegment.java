package dev.fairway.server.run.log;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// A stretch of a log.
///
/// @param start its first byte's offset in the log
/// @param linesThrough newlines in the log up to its end
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied by nobody
record LogSegment(long start, long linesThrough, byte[] bytes) {
  /// A segment of that size is full. Larger ones compress hardly better and open slower.
  static final int FULL_BYTES = 256 << 10;

  private static final int BUFFER_BYTES = 16 << 10;

  long end() {
    return start + bytes.length;
  }

  int newlines() {
    return newlines(bytes);
  }

  /// Newlines in the log before it.
  long linesBefore() {
    return linesThrough - newlines();
  }

  static int newlines(byte[] bytes) {
    var count = 0;
    for (var b : bytes) {
      if (b == '\n') {
        count++;
      }
    }
    return count;
  }

  static byte[] compress(byte[] bytes) {
    try (var deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(bytes);
      deflater.finish();
      var out = new ByteArrayOutputStream(bytes.length / 4 + 64);
      var buffer = new byte[BUFFER_BYTES];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  static byte[] expand(byte[] compressed, int length) {
    try (var inflater = new Inflater()) {
      inflater.setInput(compressed);
      var bytes = new byte[length];
      var at = 0;
      while (at < length) {
        var more = inflater.inflate(bytes, at, length - at);
        if (more == 0) {
          throw new IllegalStateException("a log segment ends after " + at + " of " + length);
        }
        at += more;
      }
      return bytes;
    } catch (DataFormatException e) {
      throw new IllegalStateException("a log segment is damaged", e);
    }
  }
}
