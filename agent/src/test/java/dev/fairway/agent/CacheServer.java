package dev.fairway.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/// The cache service in memory, as far as its protocol says: reserve, upload, complete, find.
final class CacheServer implements AutoCloseable {
  private static final String TOKEN = "runtime-token-0123456789";

  final Map<String, byte[]> saved = new TreeMap<>();
  private final Map<String, byte[]> uploads = new TreeMap<>();
  private final Map<String, String> versions = new TreeMap<>();
  private final HttpServer http;

  CacheServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::answer);
    http.start();
  }

  private String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/";
  }

  JobAssignment.Services services() {
    return new JobAssignment.Services(url(), url(), url(), TOKEN, url());
  }

  @Override
  public void close() {
    http.stop(0);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      var path = exchange.getRequestURI().getPath();
      if (path.startsWith("/blob/")) {
        blob(exchange, path.substring("/blob/".length()), body);
        return;
      }
      if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      var reply = Json.MAPPER.writeValueAsBytes(reply(path, Json.MAPPER.readTree(body)));
      exchange.sendResponseHeaders(200, reply.length);
      exchange.getResponseBody().write(reply);
    }
  }

  private void blob(HttpExchange exchange, String key, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("PUT")) {
      uploads.put(key, body);
      exchange.sendResponseHeaders(201, -1);
    } else {
      var bytes = saved.get(key);
      exchange.sendResponseHeaders(bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
      if (bytes != null) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private JsonNode reply(String path, JsonNode body) {
    var reply = Json.MAPPER.createObjectNode();
    var key = body.path("key").asString();
    switch (path.substring(path.lastIndexOf('/') + 1)) {
      case "CreateCacheEntry" -> {
        versions.putIfAbsent(key, body.path("version").asString());
        reply.put("ok", !saved.containsKey(key)).put("signed_upload_url", url() + "blob/" + key);
      }
      case "FinalizeCacheEntryUpload" -> {
        var bytes = uploads.remove(key);
        if (bytes != null && body.path("size_bytes").asLong() == bytes.length) {
          saved.put(key, bytes);
          reply.put("ok", true);
        }
      }
      default -> {
        var version = body.path("version").asString();
        var found = has(key, version) ? key : prefixed(body.path("restore_keys"), version);
        reply
            .put("ok", !found.isEmpty())
            .put("matched_key", found)
            .put("signed_download_url", url() + "blob/" + found);
      }
    }
    return reply;
  }

  private boolean has(String key, String version) {
    return saved.containsKey(key) && version.equals(versions.get(key));
  }

  private String prefixed(JsonNode prefixes, String version) {
    for (var prefix : prefixes) {
      for (var key : saved.keySet()) {
        if (key.startsWith(prefix.asString()) && has(key, version)) {
          return key;
        }
      }
    }
    return "";
  }
}
