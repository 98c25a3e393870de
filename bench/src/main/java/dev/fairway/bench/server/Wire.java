package dev.fairway.bench.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One kept HTTP connection, and as little work on this side as HTTP allows: what is measured is
/// the server on the same two processors.
final class Wire implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final String head;

  /// @param token empty for nobody's
  Wire(URI server, String token) throws IOException {
    this.socket = new Socket(server.getHost(), server.getPort());
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    this.out = socket.getOutputStream();
    this.head =
        " HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n".formatted(server.getAuthority())
            + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n");
  }

  /// @param status as HTTP has it
  record Answer(int status, String body) {
    Answer require(String what) {
      if (status >= 300) {
        throw new IllegalStateException(what + ": " + status + " " + body);
      }
      return this;
    }
  }

  Answer post(String path, String json) throws IOException {
    return send("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  Answer put(String path, byte[] bytes) throws IOException {
    return send("PUT", path, "application/octet-stream", bytes);
  }

  Answer get(String path) throws IOException {
    return send("GET", path, "", new byte[0]);
  }

  private Answer send(String method, String path, String type, byte[] body) throws IOException {
    var text = new StringBuilder(method).append(' ').append(path).append(head);
    if (!type.isEmpty()) {
      text.append("Content-Type: ").append(type).append("\r\nContent-Length: ");
      text.append(body.length).append("\r\n");
    }
    var start = text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    var whole = new byte[start.length + body.length];
    System.arraycopy(start, 0, whole, 0, start.length);
    System.arraycopy(body, 0, whole, start.length, body.length);
    out.write(whole);
    out.flush();
    return read();
  }

  private Answer read() throws IOException {
    var status = Integer.parseInt(line().split(" ", 3)[1]);
    var length = 0;
    var chunked = false;
    for (var header = line(); !header.isEmpty(); header = line()) {
      var lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
    }
    var body = chunked ? chunks() : in.readNBytes(length);
    return new Answer(status, new String(body, StandardCharsets.UTF_8));
  }

  private byte[] chunks() throws IOException {
    var all = new ByteArrayOutputStream();
    for (var size = Integer.parseInt(line().strip(), 16);
        size > 0;
        size = Integer.parseInt(line().strip(), 16)) {
      all.writeBytes(in.readNBytes(size));
      line();
    }
    line();
    return all.toByteArray();
  }

  private String line() throws IOException {
    var text = new StringBuilder();
    for (var b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the server ended the connection");
      }
      if (b != '\r') {
        text.append((char) b);
      }
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
