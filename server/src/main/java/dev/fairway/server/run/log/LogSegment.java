package dev.fairway.server.run.log;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// A stretch of a log.
///
/// @param start its first byte's offset in the log
/// @param linesThrough newlines in the log up to its end
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied by nobody
record LogSegment(long start, long linesThrough, byte[] bytes) {
  /// A segment of that size is full. Larger ones compress hardly better and open slower.
  static final int FULL_BYTES = 256 << 10;

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

  /// How a segment is stored.
  enum Codec {
    /// As earlier versions stored them.
    DEFLATE(0),
    /// A block of LZ4: a third larger, and made in a third of the time.
    LZ4(1);

    private final int number;

    Codec(int number) {
      this.number = number;
    }

    /// As the table has it.
    int number() {
      return number;
    }

    static Codec of(int number) {
      return Arrays.stream(values())
          .filter(codec -> codec.number == number)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no codec of logs is " + number));
    }
  }

  /// @see Codec#LZ4
  static byte[] compress(byte[] bytes) {
    var compressor = new Lz4JavaCompressor();
    var buffer = new byte[compressor.maxCompressedLength(bytes.length)];
    var length = compressor.compress(bytes, 0, bytes.length, buffer, 0, buffer.length);
    return Arrays.copyOf(buffer, length);
  }

  static byte[] expand(Codec codec, byte[] compressed, int length) {
    return switch (codec) {
      case DEFLATE -> inflate(compressed, length);
      case LZ4 -> decompress(compressed, length);
    };
  }

  private static byte[] decompress(byte[] compressed, int length) {
    var bytes = new byte[length];
    try {
      var read =
          new Lz4JavaDecompressor().decompress(compressed, 0, compressed.length, bytes, 0, length);
      if (read != length) {
        throw new IllegalStateException("a log segment ends after " + read + " of " + length);
      }
      return bytes;
    } catch (MalformedInputException e) {
      throw new IllegalStateException("a log segment is damaged", e);
    }
  }

  private static byte[] inflate(byte[] compressed, int length) {
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
