package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// A service on a loopback port that says its name, and does what its path asks for.
final class RealService implements AutoCloseable {
  final CountDownLatch release = new CountDownLatch(1);
  final CountDownLatch held = new CountDownLatch(1);
  final AtomicLong served = new AtomicLong();

  private final String name;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  RealService(String name) throws IOException {
    this.name = name;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      served.incrementAndGet();
      switch (exchange.getRequestURI().getPath()) {
        case "/hold" -> {
          held.countDown();
          release.await();
          answer(exchange, 200, name);
        }
        case "/headers" -> answer(exchange, 200, headers(exchange));
        case "/fault" -> answer(exchange, 500, "no");
        case "/missing" -> answer(exchange, 404, "nothing");
        case "/drip" -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("first\n".getBytes(UTF_8));
          exchange.getResponseBody().flush();
          release.await();
          exchange.getResponseBody().write("second\n".getBytes(UTF_8));
        }
        case "/echo" -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getRequestBody().transferTo(exchange.getResponseBody());
        }
        default -> {
          exchange.getRequestBody().readAllBytes();
          answer(exchange, 200, name);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String headers(HttpExchange exchange) {
    var text = new StringBuilder();
    text.append(exchange.getRequestMethod())
        .append(' ')
        .append(exchange.getRequestURI())
        .append('\n');
    exchange
        .getRequestHeaders()
        .forEach((key, values) -> values.forEach(v -> text.append(key + ": " + v + "\n")));
    return text.toString();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    var bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    release.countDown();
    server.stop(0);
    threads.close();
  }
}
