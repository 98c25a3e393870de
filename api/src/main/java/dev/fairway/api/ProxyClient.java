package dev.fairway.api;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import tools.jackson.core.JacksonException;

/// Speaks to the admin listener of the proxy on this machine.
///
/// Address and token are read from the proxy's data folder before each call, so a proxy that came
/// back on another port is found. Every call may be repeated. A proxy that does not answer is
/// [ErrorCode#INTERNAL] with the folder named; its routes go on serving on their own.
public final class ProxyClient implements AutoCloseable {
  /// The longest that one [#awaitDrained] call waits at the proxy.
  public static final Duration MAX_WAIT = Duration.ofSeconds(30);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  private final Path folder;
  private final HttpClient http;

  /// @param folder the data folder of the proxy
  public ProxyClient(Path folder) {
    this.folder = folder;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .proxy(HttpClient.Builder.NO_PROXY)
            .sslContext(withoutTls())
            .build();
  }

  /// The admin listener speaks plain HTTP on loopback. Without this, the client would read all the
  /// authorities that the JDK trusts, which takes a tenth of a server's start.
  private static SSLContext withoutTls() {
    try {
      var nobody = SSLContext.getInstance("TLS");
      nobody.init(new KeyManager[0], new TrustManager[0], null);
      return nobody;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /// The proxy's own words on where it listens, once it is ready to serve.
  public ProxyAddress ready() {
    return call("GET", "/v1/ready", BodyPublishers.noBody(), ANSWER_TIMEOUT, ProxyAddress.class);
  }

  /// All routes, by name.
  public List<ProxyRouteStatus> routes() {
    return List.of(
        call(
            "GET",
            "/v1/routes",
            BodyPublishers.noBody(),
            ANSWER_TIMEOUT,
            ProxyRouteStatus[].class));
  }

  /// The route of that name, empty if there is none.
  public Optional<ProxyRouteStatus> route(String name) {
    try {
      return Optional.of(
          call(
              "GET",
              "/v1/routes/" + name,
              BodyPublishers.noBody(),
              ANSWER_TIMEOUT,
              ProxyRouteStatus.class));
    } catch (FairwayException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// Makes or replaces a route. When this returns, the switch is on disk, and every request that
  /// arrives from now on goes to the new upstream. Repeating the same route changes nothing.
  ///
  /// @throws FairwayException CONFLICT if the route has this or a newer generation with other
  ///   content, or another route has one of the hosts
  public ProxyRouteStatus put(ProxyRoute route) {
    var body = BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(route));
    return call("PUT", "/v1/routes/" + route.name(), body, ANSWER_TIMEOUT, ProxyRouteStatus.class);
  }

  /// Removes a route: its hosts are answered 404 from now on. Nothing happens if it is not there.
  public void remove(String name) {
    call(
        "DELETE",
        "/v1/routes/" + name,
        BodyPublishers.noBody(),
        ANSWER_TIMEOUT,
        ProxyRouteStatus[].class);
  }

  /// Waits until the upstream of that generation has finished its requests.
  ///
  /// @param wait at most [#MAX_WAIT]
  /// @return whether it is drained; true as well for a generation that the proxy no longer knows
  public boolean awaitDrained(String name, long generation, Duration wait) {
    var millis = Math.min(wait.toMillis(), MAX_WAIT.toMillis());
    var path = "/v1/routes/" + name + "/upstreams/" + generation + "?wait=" + Math.max(0, millis);
    try {
      return call(
              "GET",
              path,
              BodyPublishers.noBody(),
              ANSWER_TIMEOUT.plusMillis(millis),
              ProxyUpstreamStatus.class)
          .drained();
    } catch (FairwayException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    http.close();
  }

  private <T> T call(
      String method, String path, BodyPublisher body, Duration timeout, Class<T> type) {
    try {
      var address =
          Json.MAPPER.readValue(Files.readAllBytes(ProxyAddress.file(folder)), ProxyAddress.class);
      var token = Files.readString(ProxyAddress.tokenFile(folder), StandardCharsets.US_ASCII);
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.adminPort() + path))
              .timeout(timeout)
              .header("Authorization", "Bearer " + token.strip())
              .method(method, body)
              .build();
      return answer(http.send(request, BodyHandlers.ofByteArray()), type);
    } catch (IOException | JacksonException e) {
      throw new FairwayException(
          ErrorCode.INTERNAL,
          "the proxy with data folder " + folder + " does not answer: " + e.getMessage(),
          "Check that the proxy runs; what it serves is not affected by this.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FairwayException(
          ErrorCode.INTERNAL, "interrupted while waiting for the proxy", "Try again.", e);
    }
  }

  private static <T> T answer(HttpResponse<byte[]> response, Class<T> type) {
    if (response.statusCode() >= 400) {
      throw Json.MAPPER.readValue(response.body(), Problem.class).toException();
    }
    return Json.MAPPER.readValue(response.body(), type);
  }
}
