package dev.fairway.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.web.TestSite;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What comes in over HTTP before any feature has a say in it.
final class HttpEdgeTest {
  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @ValueSource(
      strings = {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/x"})
  void takesNoLongFormThatDoesNotSayItsLength(String contentType) throws Exception {
    try (var site = TestSite.start()) {
      var body = ("name=" + "a".repeat(Exchange.MAX_BODY_BYTES)).getBytes(StandardCharsets.UTF_8);
      var answer =
          send(
              request(site, "/sign-in")
                  .header("Content-Type", contentType)
                  .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));

      // What is no form has no fields, and is not read.
      assertThat(answer.statusCode()).isEqualTo(contentType.endsWith("urlencoded") ? 413 : 401);
    }
  }

  @Test
  void callsABadRequestTheFaultOfWhoSentIt() throws Exception {
    try (var site = TestSite.start()) {
      assertThat(raw(site, "GET /sign-in?next=%zz HTTP/1.1")).startsWith("HTTP/1.1 200");
      var chunked =
          "POST /sign-in HTTP/1.1\r\nContent-Type: "
              + Form.MEDIA_TYPE
              + "\r\nTransfer-Encoding: chunked";
      assertThat(raw(site, chunked, "zz\r\nname=ada\r\n0\r\n\r\n")).startsWith("HTTP/1.1 400");
      assertThat(raw(site, "GET /static/x/..%2f..%2fpasswd HTTP/1.1")).startsWith("HTTP/1.1 404");
      assertThat(raw(site, "GET /static/x/..%5c..%5cpasswd HTTP/1.1")).startsWith("HTTP/1.1 404");
      var badForm =
          send(
              request(site, "/sign-in")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString("name=%zz")));
      assertThat(badForm.statusCode()).isEqualTo(400);
    }
  }

  @Test
  void asksProgramsForATokenAndLeavesBrowsersToTheirPage() throws Exception {
    try (var site = TestSite.start()) {
      var program = send(request(site, "/live?topics=runs"));
      var browser =
          send(request(site, "/live?topics=runs").header("Sec-Fetch-Site", "same-origin"));

      var withoutTls = send(request(site, "/palette").header("Cookie", "fairway_session=ended"));

      assertThat(withoutTls.statusCode()).isEqualTo(401);
      assertThat(withoutTls.headers().firstValue("WWW-Authenticate")).isEmpty();
      assertThat(program.statusCode()).isEqualTo(401);
      assertThat(program.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(browser.statusCode()).isEqualTo(401);
      assertThat(browser.headers().firstValue("WWW-Authenticate")).isEmpty();
    }
  }

  @Test
  void behindAProxyWithTlsCookiesAndAnswersAreForTlsOnly() throws Exception {
    var ingress = Ingress.of("https://fairway.example.org", List.of("127.0.0.1"));
    try (var site = TestSite.start(ingress)) {
      site.person("ada", Role.ADMINISTRATOR);
      var answer =
          send(
              request(site, "/sign-in")
                  .header("X-Forwarded-For", "198.51.100.77, 203.0.113.9")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(
                      BodyPublishers.ofString(
                          "name=ada&password=" + TestSite.PASSWORD.replace(' ', '+'))));

      assertThat(answer.statusCode()).isEqualTo(303);
      assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
          .contains("; Secure", "; HttpOnly", "; SameSite=Lax");
      assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
      var address =
          site.database()
              .read(tx ->
                  tx.createQuery("SELECT address FROM user_session").mapTo(String.class).one());
      assertThat(address).isEqualTo("203.0.113.9");
    }
  }

  private static String raw(TestSite site, String head) throws IOException {
    return raw(site, head, "");
  }

  private static String raw(TestSite site, String head, String body) throws IOException {
    try (var socket =
        new Socket(InetAddress.ofLiteral("127.0.0.1"), URI.create(site.address()).getPort())) {
      var request = head + "\r\nHost: localhost\r\nConnection: close\r\n\r\n" + body;
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static HttpRequest.Builder request(TestSite site, String path) {
    return HttpRequest.newBuilder(URI.create(site.address() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
