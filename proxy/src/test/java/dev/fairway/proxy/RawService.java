package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A service whose bytes the test decides, connection by connection.
final class RawService implements AutoCloseable {
  interface Conversation {
    /// @param number of the connection, from 1
    void with(Socket socket, int number) throws IOException;
  }

  private final ServerSocket listener;

  RawService(Conversation conversation) throws IOException {
    this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(() -> accept(conversation));
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept(Conversation conversation) {
    for (var number = 1; !listener.isClosed(); number++) {
      try {
        var socket = listener.accept();
        var connection = number;
        Thread.startVirtualThread(() -> {
          try (socket) {
            conversation.with(socket, connection);
          } catch (IOException _) {
            // The other side closed first, which some tests want.
          }
        });
      } catch (IOException _) {
        return;
      }
    }
  }

  /// The request line and headers; empty at the end of the connection.
  static String readHead(Socket socket) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      var next = socket.getInputStream().read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
