package dev.fairway.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The repositories of a folder, by a real `git http-backend` that asks for a token, as a server
/// has them.
final class GitServer implements AutoCloseable {
  static final String FOLDER = "/git/";

  private final Path repositories;
  private final HttpServer http;
  private final Map<String, Pattern> readers = new ConcurrentHashMap<>();
  private final List<String> refused = new ArrayList<>();

  private GitServer(Path repositories, HttpServer http) {
    this.repositories = repositories;
    this.http = http;
  }

  static GitServer over(Path repositories) throws IOException {
    var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var server = new GitServer(repositories, http);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext(FOLDER, server::backend);
    http.start();
    return server;
  }

  /// From now on, who sends that token may read the repositories whose names match.
  GitServer letting(String user, String token, String names) {
    readers.put(header(user, token), Pattern.compile(names));
    return this;
  }

  static String header(String user, String token) {
    var pair = (user + ":" + token).getBytes(UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  String origin() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /// The address of a repository.
  String url(String name) {
    return origin() + FOLDER + name;
  }

  /// What was refused, each as `STATUS AUTHORIZATION`.
  List<String> refused() {
    synchronized (refused) {
      return List.copyOf(refused);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }

  /// Bridges by the rules of CGI.
  private void backend(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath().substring(FOLDER.length() - 1);
      var shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      var may = readers.get(shown);
      if (may == null || !may.matcher(path.split("/", -1)[1]).matches()) {
        var status = may == null ? 401 : 403;
        synchronized (refused) {
          refused.add(status + " " + shown);
        }
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      var process = process(exchange, path);
      try (var in = process.getOutputStream()) {
        exchange.getRequestBody().transferTo(in);
      }
      answer(exchange, process.getInputStream().readAllBytes());
    }
  }

  private Process process(HttpExchange exchange, String path) throws IOException {
    var builder = new ProcessBuilder("git", "http-backend");
    var environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", repositories.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("PATH_INFO", path);
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    var headers = exchange.getRequestHeaders();
    put(environment, "QUERY_STRING", exchange.getRequestURI().getQuery());
    put(environment, "CONTENT_TYPE", headers.getFirst("Content-Type"));
    put(environment, "HTTP_CONTENT_ENCODING", headers.getFirst("Content-Encoding"));
    put(environment, "GIT_PROTOCOL", headers.getFirst("Git-Protocol"));
    return builder.start();
  }

  private static void answer(HttpExchange exchange, byte[] answer) throws IOException {
    var head = new String(answer, ISO_8859_1);
    var end = head.indexOf("\r\n\r\n");
    var status = 200;
    for (var line : head.substring(0, end).split("\r\n", -1)) {
      var colon = line.indexOf(':');
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(line.substring(colon + 1).strip().split(" ", -1)[0]);
      } else {
        exchange
            .getResponseHeaders()
            .add(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    var body = new ByteArrayOutputStream();
    body.write(answer, end + 4, answer.length - end - 4);
    exchange.sendResponseHeaders(status, body.size() == 0 ? -1 : body.size());
    body.writeTo(exchange.getResponseBody());
  }

  private static void put(Map<String, String> environment, String name, @Nullable String value) {
    environment.put(name, value == null ? "" : value);
  }
}
