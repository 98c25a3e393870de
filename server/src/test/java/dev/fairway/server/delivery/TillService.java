package dev.fairway.server.delivery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The service of these tests, delivered as its own class file. The file `behaviour` of its release
/// says what it is like: `well`, `sick` (never healthy) or `failing` (healthy, and every answer is
/// 500). `/sicken` makes it unhealthy, `/crash` ends it.
///
/// It speaks as little HTTP as will do, on bare sockets: it starts several times as fast as one on
/// the JDK's server.
public final class TillService extends Thread {
  private static volatile boolean well;
  private static volatile boolean failing;

  private final Socket client;

  private TillService(Socket client) {
    this.client = client;
  }

  public static void main(String[] arguments) throws IOException {
    var behaviour = Files.readString(Path.of("behaviour")).strip();
    well = !behaviour.equals("sick");
    failing = behaviour.equals("failing");
    var port = Integer.parseInt(System.getenv("PORT"));
    try (var listener = new ServerSocket(port, 128, InetAddress.getLoopbackAddress())) {
      while (true) {
        new TillService(listener.accept()).start();
      }
    }
  }

  /// Answers one request: its head is all of it, and the connection closes after the answer.
  @Override
  public void run() {
    try (client) {
      var in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
      var request = in.readLine();
      if (request == null) {
        return;
      }
      for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        // Headers say nothing of interest.
      }
      var path = request.split(" ", 3)[1];
      var status =
          switch (path) {
            case "/health" -> well ? 200 : 503;
            case "/sicken" -> {
              well = false;
              yield 200;
            }
            case "/crash" -> {
              Runtime.getRuntime().halt(1);
              yield 500;
            }
            default -> failing ? 500 : 200;
          };
      var body = System.getenv("FAIRWAY_VERSION");
      var answer =
          "HTTP/1.1 "
              + status
              + " -\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // The client went away.
    }
  }
}
