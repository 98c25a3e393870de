package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.Json;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Somebody of the team, who joined as people do: by a one-time link, with a password, and who then
/// made a token.
record Member(String name, String token, ApiClient api) {
  static final String PASSWORD = "a quiet harbour at dawn";

  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /// The first administrator, by the link that the first start printed.
  static Member first(UpProcess up, String name) {
    var secret = up.setupLink().getQuery().replace("token=", "");
    var cookie =
        form(
            up.url().resolve("/setup"),
            Map.of(
                "token", secret,
                "name", name,
                "full-name", name,
                "email", name + "@example.com",
                "password", PASSWORD,
                "password-again", PASSWORD));
    return withToken(up.url(), name, cookie, Set.of(Role.ADMINISTRATOR, Role.DEVELOPER));
  }

  /// Somebody whom this one invites.
  Member invite(String newcomer, String fullName, Role... roles) {
    var answer =
        api.post(
            "/api/v1/users",
            Map.of(
                "name",
                newcomer,
                "fullName",
                fullName,
                "email",
                newcomer + "@example.com",
                "roles",
                Arrays.stream(roles).map(Role::word).toList()));
    var link = URI.create(answer.path("invitation").asString());
    var cookie =
        form(
            api.url().resolve("/invite"),
            Map.of(
                "token",
                link.getQuery().replace("token=", ""),
                "password",
                PASSWORD,
                "password-again",
                PASSWORD));
    return withToken(api.url(), newcomer, cookie, Set.of(roles));
  }

  private static Member withToken(URI url, String name, String cookie, Set<Role> roles) {
    var page = send(HttpRequest.newBuilder(url.resolve("/account")).header("Cookie", cookie));
    var csrf = CSRF.matcher(page.body());
    assertThat(csrf.find()).as("a form on the account page: %s", page.body()).isTrue();
    var scopes =
        Permission.of(roles).stream()
            .filter(permission -> permission != Permission.ANYONE)
            .map(Permission::word)
            .toList();
    var body =
        Json.MAPPER.writeValueAsString(
            Map.of(
                "name",
                "test",
                "scopes",
                scopes,
                "expiresAt",
                Instant.now().plus(Duration.ofDays(1)).toString()));
    var answer =
        send(
            HttpRequest.newBuilder(url.resolve("/api/v1/tokens"))
                .header("Cookie", cookie)
                .header("X-Fairway-CSRF", csrf.group(1))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    var token = Json.MAPPER.readTree(answer.body()).path("token").asString();
    return new Member(name, token, new ApiClient(new Credentials(url, token)));
  }

  /// Sends a form as a browser does and returns the session's cookie.
  private static String form(URI address, Map<String, String> fields) {
    var body =
        fields.entrySet().stream()
            .map(field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    var answer =
        send(
            HttpRequest.newBuilder(address)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    assertThat(answer.statusCode()).as(answer.body()).isBetween(300, 399);
    return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(
          request.timeout(Eventually.PATIENCE).build(),
          BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }
}
