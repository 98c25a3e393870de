package dev.example.payments;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Moves money between accounts.
 *
 * <pre>
 * POST /transfers?from=A&to=B&cents=N   200, or 422 with the rule that it breaks
 * GET  /accounts/A                      the balance in cents
 * GET  /health                          200 while it can do its work
 * </pre>
 */
public final class PaymentsServer {
  private final Ledger ledger = new Ledger();
  private final Connections connections = new Connections();
  private final HttpServer http;

  PaymentsServer(int port) throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext("/transfers", exchange -> answer(exchange, this::transfer));
    http.createContext("/accounts/", exchange -> answer(exchange, this::account));
    http.createContext("/health", exchange -> answer(exchange, this::health));
    http.setExecutor(Executors.newFixedThreadPool(16));
  }

  public static void main(String[] arguments) throws IOException {
    var port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    var server = new PaymentsServer(port);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> server.http.stop(1)));
    server.start();
    System.out.println("payments listens on " + server.port());
  }

  void start() {
    http.start();
  }

  int port() {
    return http.getAddress().getPort();
  }

  void stop() {
    http.stop(0);
  }

  private Answer transfer(HttpExchange exchange) {
    if (!exchange.getRequestMethod().equals("POST")) {
      return new Answer(405, "send a POST");
    }
    var query = query(exchange);
    connections.borrow();
    try {
      ledger.transfer(
          query.getOrDefault("from", ""),
          query.getOrDefault("to", ""),
          Long.parseLong(query.getOrDefault("cents", "0")));
      return new Answer(200, "moved");
    } finally {
      connections.giveBack();
    }
  }

  private Answer account(HttpExchange exchange) {
    var account = exchange.getRequestURI().getPath().substring("/accounts/".length());
    return new Answer(200, Long.toString(ledger.balance(account)));
  }

  private Answer health(HttpExchange exchange) {
    return connections.exhausted()
        ? new Answer(503, "no connection to the bank is free")
        : new Answer(200, "ok");
  }

  private record Answer(int status, String text) {}

  private interface Handling {
    Answer handle(HttpExchange exchange);
  }

  private static void answer(HttpExchange exchange, Handling handling) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer = handling.handle(exchange);
      } catch (Ledger.Refused | NumberFormatException e) {
        answer = new Answer(422, e.getMessage());
      } catch (RuntimeException e) {
        answer = new Answer(500, e.getMessage());
      }
      var body = (answer.text() + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    var fields = new HashMap<String, String>();
    var raw = exchange.getRequestURI().getRawQuery();
    for (var pair : (raw == null ? "" : raw).split("&")) {
      var equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return fields;
  }
}
