package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/// One keep-alive connection to the proxy that sends requests one after the other, and never sends
/// one again by itself.
final class Client implements AutoCloseable {
  record Answer(int status, String headers, String body) {}

  private final Socket socket;
  private final InputStream in;
  private final String host;

  Client(int port, String host) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.host = host;
  }

  Answer get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  }

  Answer post(String path, String body) throws IOException {
    return send(
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, host, body.length(), body));
  }

  Answer send(String request) throws IOException {
    write(request);
    return read();
  }

  void write(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  Answer read() throws IOException {
    var head = head();
    var lower = head.toLowerCase(Locale.ROOT);
    var status = Integer.parseInt(head.substring(9, 12));
    if (lower.contains("transfer-encoding: chunked")) {
      var body = new StringBuilder();
      for (var chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        body.append(chunk);
      }
      return new Answer(status, head, body.toString());
    }
    var at = lower.indexOf("content-length: ");
    var length =
        at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)).strip());
    return new Answer(status, head, new String(exactly(length), ISO_8859_1));
  }

  String head() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) byteOrFail());
    }
    return head.toString();
  }

  /// The next chunk of a chunked body; empty for the last.
  String chunk() throws IOException {
    var line = line();
    if (line.isEmpty()) {
      // The line end of the chunk before, which may come with the next one only.
      line = line();
    }
    var size = Integer.parseInt(line, 16);
    if (size == 0) {
      line();
    }
    return new String(exactly(size), ISO_8859_1);
  }

  byte[] exactly(int length) throws IOException {
    var bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("the connection ended in the middle of an answer");
    }
    return bytes;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (var next = byteOrFail(); next != '\n'; next = byteOrFail()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private int byteOrFail() throws IOException {
    var next = in.read();
    if (next < 0) {
      throw new IOException("the connection ended before the end of an answer");
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
