package dev.fairway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A program that talks to a server, and holds every call to the contract.
final class ApiClient {
  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

  private final URI server;
  private final Contract contract;
  private final HttpClient http =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  private final List<String> credentials = new ArrayList<>();

  private ApiClient(URI server, Contract contract) {
    this.server = server;
    this.contract = contract;
  }

  static ApiClient nobody(URI server, Contract contract) {
    return new ApiClient(server, contract);
  }

  static ApiClient withToken(URI server, Contract contract, String token) {
    var client = new ApiClient(server, contract);
    client.credentials.addAll(List.of("Authorization", "Bearer " + token));
    return client;
  }

  /// Somebody who came in with a browser.
  static ApiClient withSession(URI server, Contract contract, String path, String... fields) {
    var client = new ApiClient(server, contract);
    var form = new ArrayList<String>();
    for (var field : fields) {
      form.add(URLEncoder.encode(field, StandardCharsets.UTF_8));
    }
    var pairs = new ArrayList<String>();
    for (int i = 0; i < form.size(); i += 2) {
      pairs.add(form.get(i) + "=" + form.get(i + 1));
    }
    var entered =
        client.send(
            client
                .request(path)
                .headers("Accept", "text/html")
                .headers("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(String.join("&", pairs))));
    assertThat(entered.statusCode()).isEqualTo(303);
    var account = client.send(client.request("/account").headers("Accept", "text/html").GET());
    var csrf = CSRF.matcher(account.body());
    assertThat(csrf.find()).isTrue();
    client.credentials.addAll(List.of("X-Fairway-CSRF", csrf.group(1)));
    return client;
  }

  JsonNode get(String path) {
    return call("GET", path, 200, (String) null);
  }

  JsonNode post(String path, int status, @Nullable String body) {
    return call("POST", path, status, body);
  }

  /// Calls, and holds request and answer to the contract.
  ///
  /// @param body JSON, or what the route takes; null for none
  JsonNode call(String method, String path, int status, byte[] body) {
    var operation = contract.operation(method, path.replaceFirst("\\?.*", ""));
    var answer = send(request(path).method(method, BodyPublishers.ofByteArray(body)));
    var type = answer.headers().firstValue("Content-Type").orElse("");

    assertThat(answer.statusCode()).as("%s %s: %s", method, path, answer.body()).isEqualTo(status);
    assertThat(contract.flaws(operation, status, type, answer.body()))
        .as("%s %s: %s", method, path, answer.body())
        .isEmpty();
    return type.contains("json") ? Json.MAPPER.readTree(answer.body()) : Json.MAPPER.nullNode();
  }

  JsonNode call(String method, String path, int status, @Nullable String body) {
    if (body != null && status < 300) {
      var operation = contract.operation(method, path.replaceFirst("\\?.*", ""));
      assertThat(contract.flaws(operation, body)).as("%s %s: %s", method, path, body).isEmpty();
    }
    return call(
        method, path, status, body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpRequest.Builder request(String path) {
    var builder = HttpRequest.newBuilder(server.resolve(path));
    return credentials.isEmpty() ? builder : builder.headers(credentials.toArray(String[]::new));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
