package dev.fairway.bench.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/// What is deployed: answers its release to GET and POST. Its health is what `HEALTH` says.
public final class BenchService {
  private static final int BACKLOG = 128;

  private BenchService() {}

  public static void main(String[] arguments) throws IOException {
    var port = Integer.parseInt(System.getenv("PORT"));
    var health = Integer.parseInt(System.getenv("HEALTH"));
    var release = System.getenv("FAIRWAY_RELEASE");
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    var server = HttpServer.create(loopback, BACKLOG);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health", exchange -> answer(exchange, health, release));
    server.createContext("/", exchange -> answer(exchange, 200, release));
    server.start();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
