package dev.fairway.server.run.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The lines of a text, none longer than [#MAX_LINE_BYTES]. Bytes that are no UTF-8 become �.
final class BoundedLines {
  static final int MAX_LINE_BYTES = 1 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[16 << 10];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int at;
  private int filled;
  private long number;

  BoundedLines(InputStream in) {
    this.in = in;
  }

  /// The next line without its end; null after the last.
  @Nullable String next() throws IOException, UnreadableReportException {
    line.reset();
    var any = false;
    while (at < filled || fill()) {
      any = true;
      var end = at;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      line.write(buffer, at, end - at);
      if (line.size() > MAX_LINE_BYTES) {
        throw new UnreadableReportException(
            "it has a line of more than " + MAX_LINE_BYTES + " bytes", number + 1);
      }
      at = end + 1;
      if (end < filled) {
        return take();
      }
    }
    return any ? take() : null;
  }

  /// The number of the line that came last, from 1.
  long number() {
    return number;
  }

  private String take() {
    number++;
    var text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private boolean fill() throws IOException {
    at = 0;
    filled = Math.max(0, in.read(buffer));
    return filled > 0;
  }
}
