package dev.fairway.server.identity;

import dev.fairway.api.Json;
import dev.fairway.server.web.TestSite;
import java.io.IOException;
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
import tools.jackson.databind.JsonNode;

/// A program that talks to the server, with a jar for cookies.
final class Client {
  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

  private final String address;
  private final CookieManager cookies = new CookieManager();
  private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();

  Client(TestSite site) {
    this.address = site.address();
  }

  HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).GET());
  }

  HttpResponse<String> form(String path, String... fields) {
    return send(
        request(path, "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(encode(fields))));
  }

  HttpResponse<String> json(String method, String path, String body, String... headers) {
    return send(request(path, headers).method(method, BodyPublishers.ofString(body)));
  }

  HttpResponse<String> signIn(String name, String password) {
    return form("/sign-in", "name", name, "password", password, "next", "/account");
  }

  /// The CSRF value that the account page carries.
  String csrf() {
    var matcher = CSRF.matcher(get("/account", "Accept", "text/html").body());
    if (!matcher.find()) {
      throw new IllegalStateException("no CSRF value: not signed in?");
    }
    return matcher.group(1);
  }

  String sessionCookie() {
    return cookies.getCookieStore().getCookies().stream()
        .filter(cookie -> cookie.getName().equals(RequestAuthenticator.COOKIE))
        .map(java.net.HttpCookie::getValue)
        .findFirst()
        .orElse("");
  }

  static JsonNode tree(HttpResponse<String> response) {
    return Json.MAPPER.readTree(response.body());
  }

  private HttpRequest.Builder request(String path, String... headers) {
    var builder = HttpRequest.newBuilder(URI.create(address + path));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return builder;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String... fields) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      pairs.add(encode(fields[i]) + "=" + encode(fields[i + 1]));
    }
    return String.join("&", pairs);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
