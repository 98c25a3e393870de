package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Saves and restores caches over the service that the official `@actions/cache` uses, in its
/// second version.
final class CacheClient implements Caches {
  private static final String PATH = "twirp/github.actions.results.api.v1.CacheService/";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(60);
  private static final Duration TRANSFER = Duration.ofMinutes(30);
  private static final int MAX_REPLY_BYTES = 1 << 20;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final JobAssignment.Services services;

  CacheClient(JobAssignment.Services services) {
    this.services = services;
  }

  @Override
  public Optional<Found> find(String key, List<String> prefixes, String version)
      throws IOException, InterruptedException {
    var body = Json.MAPPER.createObjectNode().put("key", key).put("version", version);
    prefixes.forEach(body.putArray("restore_keys")::add);
    var reply = call("GetCacheEntryDownloadURL", body);
    return reply.path("ok").asBoolean(false)
        ? Optional.of(
            new Found(
                reply.path("matched_key").asString(key),
                URI.create(reply.path("signed_download_url").asString())))
        : Optional.empty();
  }

  @Override
  public void download(Found found, Path file) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(found.place()).timeout(TRANSFER).GET().build();
    var response = http.send(request, BodyHandlers.ofFile(file));
    if (response.statusCode() != 200) {
      throw new IOException("The server answered a download with " + response.statusCode());
    }
  }

  @Override
  public boolean save(String key, String version, Path file, long bytes)
      throws IOException, InterruptedException {
    var wanted = Json.MAPPER.createObjectNode().put("key", key).put("version", version);
    var created = call("CreateCacheEntry", wanted);
    if (!created.path("ok").asBoolean(false)) {
      return false;
    }
    var put =
        HttpRequest.newBuilder(URI.create(created.path("signed_upload_url").asString()))
            .timeout(TRANSFER)
            .header("Content-Type", "application/octet-stream")
            .header("x-ms-blob-type", "BlockBlob")
            .PUT(BodyPublishers.ofFile(file))
            .build();
    check(http.send(put, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_REPLY_BYTES)));
    return call("FinalizeCacheEntryUpload", wanted.put("size_bytes", Long.toString(bytes)))
        .path("ok")
        .asBoolean(false);
  }

  private JsonNode call(String method, JsonNode body) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(services.resultsUrl()).resolve(PATH + method))
            .timeout(CALL)
            .header("Authorization", "Bearer " + services.runtimeToken())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
            .build();
    var response =
        http.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_REPLY_BYTES));
    check(response);
    try {
      return Json.MAPPER.readTree(response.body());
    } catch (JacksonException e) {
      throw new IOException("The answer of the cache cannot be read", e);
    }
  }

  private static void check(HttpResponse<byte[]> response) throws IOException {
    var status = response.statusCode();
    if (status >= 500) {
      throw new IOException("The cache answered with status " + status);
    }
    if (status >= 300) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE, "The cache refuses the call: " + said(response.body()), "");
    }
  }

  private static String said(byte[] body) {
    try {
      var node = Json.MAPPER.readTree(body);
      return node.path("msg").asString(node.path("title").asString("it does not say why"));
    } catch (JacksonException e) {
      return "it does not say why";
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
