package dev.fairway.agent;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Cuts the bytes that a job's processes write into lines, however the reads divide them, and
/// recognises the supervisor's mark for the end of a step.
///
/// The mark is a line of its own: `NONCE ID CODE`. The supervisor writes a line feed before it in
/// case the step's last line has none; where it had one, that makes an empty line, which is taken
/// out again.
final class OutputLines {
  /// A longer line is cut there, and says so.
  static final int MAX_LINE_BYTES = 64 * 1024;

  interface Receiver {
    /// @param line the buffer; valid only during the call
    /// @param length how many of its bytes are the line, at most [#MAX_LINE_BYTES] + `lookAhead`
    /// @param total how many bytes the line had
    void line(byte[] line, int length, long total);

    /// The step `id` has ended with this exit code, and all it wrote has been delivered.
    void ended(long id, int code);
  }

  private final byte[] nonce;
  private final Receiver receiver;
  private byte[] line = new byte[1024];
  private int length;
  private long total;
  private int emptyLines;

  OutputLines(String nonce, Receiver receiver) {
    this.nonce = nonce.getBytes(StandardCharsets.US_ASCII);
    this.receiver = receiver;
  }

  /// @param lookAhead how many bytes beyond the longest line are kept for the masker
  void accept(byte[] bytes, int count, int lookAhead) {
    var from = 0;
    for (var at = 0; at < count; at++) {
      if (bytes[at] == '\n') {
        keep(bytes, from, at - from, lookAhead);
        end();
        from = at + 1;
      }
    }
    keep(bytes, from, count - from, lookAhead);
  }

  /// Delivers what is left when no more bytes will come.
  void close() {
    if (total > 0) {
      end();
    }
    releaseEmptyLines();
  }

  private void keep(byte[] bytes, int from, int count, int lookAhead) {
    total += count;
    var wanted = Math.min(count, MAX_LINE_BYTES + lookAhead - length);
    if (wanted <= 0) {
      return;
    }
    if (length + wanted > line.length) {
      line = Arrays.copyOf(line, Math.max(line.length * 2, length + wanted));
    }
    System.arraycopy(bytes, from, line, length, wanted);
    length += wanted;
  }

  private void end() {
    if (total > 0 && line[length - 1] == '\r' && total == length) {
      length--;
      total--;
    }
    if (length == 0) {
      emptyLines++;
    } else if (isMark()) {
      emptyLines = Math.max(0, emptyLines - 1);
      releaseEmptyLines();
      var words =
          new String(line, nonce.length, length - nonce.length, StandardCharsets.US_ASCII)
              .strip()
              .split(" ", -1);
      receiver.ended(Long.parseLong(words[0]), Integer.parseInt(words[1]));
    } else {
      releaseEmptyLines();
      receiver.line(line, length, total);
    }
    length = 0;
    total = 0;
  }

  private boolean isMark() {
    return length > nonce.length
        && Arrays.equals(line, 0, nonce.length, nonce, 0, nonce.length)
        && new String(line, nonce.length, length - nonce.length, StandardCharsets.US_ASCII)
            .matches(" \\d{1,9} \\d{1,3}");
  }

  private void releaseEmptyLines() {
    for (; emptyLines > 0; emptyLines--) {
      receiver.line(line, 0, 0);
    }
  }
}
