package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Status line and headers of a service's answer to a WebSocket handshake.
record ResponseHead(int status, List<Field> fields) {
  record Field(String name, String value) {}

  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 ([1-5][0-9][0-9])( .*)?");
  private static final Pattern FIELD =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([^\\r\\n]*)");

  ResponseHead {
    fields = List.copyOf(fields);
  }

  /// Reads to the empty line and not a byte further: what follows belongs to the WebSocket.
  static ResponseHead read(InputStream in) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (var matched = 0; matched < 4; ) {
      var next = in.read();
      if (next < 0 || bytes.size() >= Limits.RESPONSE_HEADER_BYTES) {
        throw new IOException("no answer to the handshake within " + bytes.size() + " bytes");
      }
      bytes.write(next);
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
    var lines = bytes.toString(ISO_8859_1).split("\r\n", -1);
    var status = STATUS_LINE.matcher(lines[0]);
    if (!status.matches()) {
      throw new IOException("not an HTTP/1.1 status line");
    }
    var fields = new ArrayList<Field>();
    for (var i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
      var field = FIELD.matcher(lines[i]);
      if (!field.matches()) {
        throw new IOException("a malformed header");
      }
      fields.add(new Field(field.group(1), field.group(2).stripTrailing()));
    }
    return new ResponseHead(Integer.parseInt(status.group(1)), fields);
  }
}
