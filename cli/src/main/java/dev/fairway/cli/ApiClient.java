package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Talks to a server's `/api/v1`. Refusals of the server arrive as the same [FairwayException].
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  private final Credentials credentials;
  private final HttpClient http;

  ApiClient(Credentials credentials) {
    this.credentials = credentials;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
  }

  /// The client for the server that the environment or `fairway login` names.
  static ApiClient ofEnvironment() {
    return new ApiClient(Credentials.load(System.getenv()));
  }

  URI url() {
    return credentials.url();
  }

  JsonNode get(String path) {
    return json(request(path).GET());
  }

  /// Everything that a list has, fetched part by part as the stream is read.
  Stream<JsonNode> all(String path) {
    var separator = path.contains("?") ? "&" : "?";
    return Stream.iterate(
            get(path),
            part -> !part.isMissingNode(),
            part ->
                part.path("next").isString()
                    ? get(path + separator + "cursor=" + segment(part.path("next").asString()))
                    : MissingNode.getInstance())
        .flatMap(part -> part.path("items").valueStream());
  }

  <T> T get(String path, Class<T> type) {
    return Json.MAPPER.treeToValue(get(path), type);
  }

  JsonNode post(String path, Object body) {
    return json(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body))));
  }

  JsonNode put(String path, Object body) {
    return put(path, "application/json", Json.MAPPER.writeValueAsString(body));
  }

  JsonNode delete(String path) {
    return json(request(path).DELETE());
  }

  JsonNode put(String path, String contentType, String body) {
    return json(
        request(path)
            .header("Content-Type", contentType)
            .PUT(BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
  }

  /// The answer's bytes as they come; the caller closes them.
  InputStream open(String path) {
    var response = send(request(path).GET(), BodyHandlers.ofInputStream());
    if (response.statusCode() >= 400) {
      try (var body = response.body()) {
        throw refusal(response.statusCode(), body.readAllBytes());
      } catch (IOException e) {
        throw unreachable(e);
      }
    }
    return response.body();
  }

  /// A segment of a path, encoded.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(credentials.url() + path))
        .timeout(ANSWER_TIMEOUT)
        .header("Authorization", "Bearer " + credentials.token())
        .header("Accept", "application/json");
  }

  private JsonNode json(HttpRequest.Builder request) {
    var response = send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() >= 400) {
      throw refusal(response.statusCode(), response.body());
    }
    if (response.body().length == 0) {
      return Json.MAPPER.nullNode();
    }
    try {
      return Json.MAPPER.readTree(response.body());
    } catch (JacksonException e) {
      throw notFairway(response.statusCode(), e);
    }
  }

  private <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request.build(), handler);
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(ErrorCode.INTERNAL, "Interrupted", "", e);
    }
  }

  private FairwayException refusal(int status, byte[] body) {
    try {
      return Json.MAPPER.readValue(body, Problem.class).toException();
    } catch (JacksonException e) {
      return notFairway(status, e);
    }
  }

  private FairwayException notFairway(int status, Exception cause) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        credentials.url() + " answered " + status + ", but not as a Fairway server does",
        "Check the address: fairway login URL --token TOKEN",
        cause);
  }

  private FairwayException unreachable(IOException cause) {
    return new FairwayException(
        ErrorCode.INTERNAL,
        credentials.url() + " cannot be reached: " + cause,
        "Is the server up? `fairway up` starts one on this machine.",
        cause);
  }

  @Override
  public void close() {
    http.close();
  }
}
