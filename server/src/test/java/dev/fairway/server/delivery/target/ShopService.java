package dev.fairway.server.delivery.target;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// The service of these tests, delivered as its own class file. The file `behaviour` of its release
/// says what it is like: `well`, `sick`, `quits`, `stubborn` or `endless` (its health check's
/// answer never ends).
///
/// It stops as many servers do, at once: idle connections and requests under way are cut off.
public final class ShopService {
  private ShopService() {}

  public static void main(String[] arguments) throws IOException {
    var behaviour = Files.readString(Path.of("behaviour")).strip();
    System.out.println("shop " + System.getenv("FAIRWAY_RELEASE") + " is " + behaviour);
    if (behaviour.equals("quits")) {
      System.out.println("cannot open the till");
      System.exit(3);
    }
    if (behaviour.equals("stubborn")) {
      Runtime.getRuntime().addShutdownHook(new Thread(ShopService::never));
    }
    var port = Integer.parseInt(System.getenv("PORT"));
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/health",
        e -> {
          if (behaviour.equals("endless")) {
            e.sendResponseHeaders(200, 1_000);
            e.getResponseBody().write(' ');
            e.getResponseBody().flush();
            never();
          }
          answer(e, behaviour.equals("sick") ? 503 : 200, behaviour);
        });
    server.createContext("/exit", _ -> Runtime.getRuntime().halt(1));
    server.createContext(
        "/environment", e -> answer(e, 200, String.join("\n", System.getenv().keySet())));
    server.createContext("/", e -> answer(e, 200, System.getenv("FAIRWAY_RELEASE")));
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

  private static void never() {
    while (true) {
      LockSupport.park();
    }
  }
}
