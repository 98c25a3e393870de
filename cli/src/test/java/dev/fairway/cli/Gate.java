package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A place where a job waits until the test lets it go on: a test then knows that the job is in its
/// middle, and the job that it goes on only afterwards.
final class Gate implements AutoCloseable {
  private final ServerSocket door;

  Gate() throws IOException {
    door = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
    door.setSoTimeout((int) Eventually.PATIENCE.toMillis());
  }

  /// The shell's words to wait there; `name` tells the test who waits.
  String waiting(String name) {
    return "exec 3<>/dev/tcp/127.0.0.1/%d; echo %s >&3; read -r word <&3; exec 3>&-"
        .formatted(door.getLocalPort(), name);
  }

  /// Waits until a job of that name is at the gate.
  Visitor await(String name) throws IOException {
    var socket = door.accept();
    socket.setSoTimeout((int) Eventually.PATIENCE.toMillis());
    assertThat(socket.getInputStream().readNBytes(name.length() + 1))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo(name + "\n");
    return new Visitor(socket);
  }

  @Override
  public void close() throws IOException {
    door.close();
  }

  /// A job that waits.
  record Visitor(Socket socket) {
    void letGo() throws IOException {
      try (socket) {
        socket.getOutputStream().write("go\n".getBytes(StandardCharsets.UTF_8));
      }
    }

    /// Waits until the job is no more.
    void awaitDeath() throws IOException {
      try (socket) {
        assertThat(socket.getInputStream().read())
            .as("the end of the job's connection")
            .isLessThan(0);
      }
    }
  }
}
