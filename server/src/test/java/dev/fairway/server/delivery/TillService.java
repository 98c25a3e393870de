package dev.fairway.server.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// The service of these tests, delivered as its own class file. The file `behaviour` of its release
/// says what it is like: `well`, `sick` (never healthy) or `failing` (healthy, and every answer is
/// 500). `/sicken` makes it unhealthy, `/crash` ends it.
public final class TillService {
  private TillService() {}

  public static void main(String[] arguments) throws IOException {
    var behaviour = Files.readString(Path.of("behaviour")).strip();
    var well = new AtomicBoolean(!behaviour.equals("sick"));
    var server =
        HttpServer.create(
            new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(System.getenv("PORT"))),
            128);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health", exchange -> answer(exchange, well.get() ? 200 : 503, ""));
    server.createContext(
        "/sicken",
        exchange -> {
          well.set(false);
          answer(exchange, 200, "");
        });
    server.createContext("/crash", _ -> Runtime.getRuntime().halt(1));
    server.createContext(
        "/",
        exchange ->
            answer(
                exchange,
                behaviour.equals("failing") ? 500 : 200,
                System.getenv("FAIRWAY_VERSION")));
    server.start();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
