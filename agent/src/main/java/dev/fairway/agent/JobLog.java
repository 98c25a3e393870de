package dev.fairway.agent;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// The one log of a job: every line masked, stamped with the time, and handed on in blocks.
///
/// Nothing that has not been masked leaves this class.
final class JobLog {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int STAMP_BYTES = 25;
  private static final int STAMP_MILLIS_AT = 20;
  private static final int LAST_LINE_BYTES = 128;
  private static final byte[] NOTHING = {};
  private static final String MARK = "##[";
  private static final String GROUP = "##[group]";
  private static final String END_OF_GROUP = "##[endgroup]";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z' ").withZone(ZoneOffset.UTC);

  interface Sink {
    /// Takes whole lines; `bytes` may be changed after the call.
    void append(byte[] bytes, int length);
  }

  private final Lines lines;
  private final Masker masker;
  private final byte[] name;

  /// @param limit how many bytes the log may have; a last line says so when it ends there
  JobLog(Masker masker, InstantSource clock, long limit, Sink sink) {
    this(new Lines(masker, clock, limit, sink), masker, "");
  }

  private JobLog(Lines lines, Masker masker, String name) {
    this.lines = lines;
    this.masker = masker;
    this.name = masker.mask(name).getBytes(StandardCharsets.UTF_8);
  }

  /// The same log for one of those that write into it at the same time: their lines begin with that
  /// name, and none of them begins a group.
  JobLog named(String writer) {
    return new JobLog(lines, masker, "[" + writer + "] ");
  }

  void line(String text) {
    text.lines().forEach(this::one);
  }

  private void one(String line) {
    if (name.length == 0 || !line.startsWith(MARK)) {
      write("", line);
    } else if (line.startsWith(GROUP)) {
      write("", line.substring(GROUP.length()));
    } else if (!line.equals(END_OF_GROUP)) {
      var end = line.indexOf(']') + 1;
      write(line.substring(0, end), line.substring(end));
    }
  }

  private void write(String mark, String line) {
    var bytes = line.getBytes(StandardCharsets.UTF_8);
    lines.line(mark.getBytes(StandardCharsets.UTF_8), name, bytes, bytes.length, bytes.length);
  }

  /// @param total how many bytes the line had before it was cut to `length`
  void line(byte[] text, int length, long total) {
    lines.line(NOTHING, name, text, length, total);
  }

  /// Whether the limit was reached; nothing is written any more then.
  boolean full() {
    return lines.full();
  }

  /// How many bytes have been written, those that are not flushed yet included.
  long size() {
    return lines.size();
  }

  /// How many lines have been written.
  long lines() {
    return lines.count();
  }

  void flush() {
    lines.flush();
  }

  /// What all its writers share.
  private static final class Lines {
    private final Masker masker;
    private final InstantSource clock;
    private final Sink sink;
    private final long limit;
    private final Block block = new Block(BLOCK_BYTES + BLOCK_BYTES / 2);
    private final Block masked = new Block(1024);
    private long size;
    private long count;
    private boolean full;
    private long stampSecond = Long.MIN_VALUE;
    private byte[] stamp = {};

    private Lines(Masker masker, InstantSource clock, long limit, Sink sink) {
      this.masker = masker;
      this.clock = clock;
      this.limit = limit;
      this.sink = sink;
    }

    /// @param mark and `name`, in which no secret is, stand before the text
    synchronized void line(byte[] mark, byte[] name, byte[] text, int length, long total) {
      if (full) {
        return;
      }
      masked.reset();
      masked.writeBytes(mark);
      masked.writeBytes(name);
      masker.mask(text, length, Math.min(length, OutputLines.MAX_LINE_BYTES), masked);
      if (total > OutputLines.MAX_LINE_BYTES) {
        masked.writeBytes(
            " [cut: the line has %d bytes, the limit is %d]"
                .formatted(total, OutputLines.MAX_LINE_BYTES)
                .getBytes(StandardCharsets.US_ASCII));
      }
      makeValidUtf8();
      if (size + STAMP_BYTES + masked.size() + 1 + LAST_LINE_BYTES > limit) {
        full = true;
        masked.reset();
        masked.writeBytes(
            "##[error]The log ends here: it has reached its limit of %d bytes"
                .formatted(limit)
                .getBytes(StandardCharsets.US_ASCII));
      }
      write();
    }

    synchronized boolean full() {
      return full;
    }

    synchronized long size() {
      return size;
    }

    synchronized long count() {
      return count;
    }

    synchronized void flush() {
      if (block.size() > 0) {
        sink.append(block.buffer(), block.size());
        block.reset();
      }
    }

    private void write() {
      block.writeBytes(stamp(clock.millis()));
      block.write(masked.buffer(), 0, masked.size());
      block.write('\n');
      size += STAMP_BYTES + masked.size() + 1;
      count++;
      if (block.size() >= BLOCK_BYTES) {
        flush();
      }
    }

    private byte[] stamp(long millis) {
      var second = Math.floorDiv(millis, 1_000);
      if (second != stampSecond) {
        stampSecond = second;
        stamp = STAMP.format(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII);
      }
      var rest = Math.floorMod(millis, 1_000);
      stamp[STAMP_MILLIS_AT] = (byte) ('0' + rest / 100);
      stamp[STAMP_MILLIS_AT + 1] = (byte) ('0' + rest / 10 % 10);
      stamp[STAMP_MILLIS_AT + 2] = (byte) ('0' + rest % 10);
      return stamp;
    }

    /// The log is UTF-8 whatever a program wrote; bytes that are not become U+FFFD.
    private void makeValidUtf8() {
      if (!masked.ascii()) {
        var text = masked.toString(StandardCharsets.UTF_8);
        masked.reset();
        masked.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static final class Block extends ByteArrayOutputStream {
    Block(int room) {
      super(room);
    }

    boolean ascii() {
      for (var at = 0; at < count; at++) {
        if (buf[at] < 0) {
          return false;
        }
      }
      return true;
    }

    byte[] buffer() {
      return buf;
    }
  }
}
