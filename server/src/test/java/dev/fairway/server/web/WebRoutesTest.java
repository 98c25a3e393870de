package dev.fairway.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.server.http.Permission;
import dev.fairway.server.http.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WebRoutesTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private TestSite site;
  private String bearer;

  @BeforeEach
  void start() throws InterruptedException {
    site = TestSite.start();
    awaitListening();
    var ada = site.person("ada", Role.DEVELOPER);
    var end = Instant.now().plus(Duration.ofDays(1));
    bearer =
        "Bearer "
            + site.database()
                .transaction(tx ->
                    site.identity()
                        .createToken(tx, ada.id(), "t", Set.of(Permission.RUN_READ), end, "ada"))
                .secret();
  }

  /// A server that has just begun to listen tells every page that there may be news. The channels
  /// that it knows are listened on in one go, so the second one of ours comes behind all of its
  /// own.
  private void awaitListening() throws InterruptedException {
    for (var channel : List.of("first_probe", "second_probe")) {
      var heard = new CountDownLatch(1);
      site.database().listen(channel, _ -> heard.countDown());
      heard.await();
    }
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @Test
  void aStaticFileIsKeptForEverUnderTheAddressOfItsContent() throws Exception {
    var path = new Assets().path("fairway.css");

    var answer = get(path);

    assertThat(path).matches("/static/[0-9a-f]{12}/fairway\\.css");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control"))
        .hasValue("public, max-age=31536000, immutable");
    assertThat(get("/static/000000000000/fairway.css").headers().firstValue("Cache-Control"))
        .as("another version's address")
        .hasValue("no-store");
    assertThat(get(new Assets().path("htmx.min.js")).statusCode()).isEqualTo(200);
  }

  @Test
  void onlyStaticFilesAreServed() throws Exception {
    for (var name : new String[] {"nothing.css", "..%2Fpsw4j.properties", "%2e%2e", "db"}) {
      assertThat(get("/static/000000000000/" + name).statusCode()).as(name).isIn(400, 404);
    }
  }

  @Test
  void whatChangedBetweenThePageAndItsSubscriptionIsTold() throws Exception {
    var rendered = Instant.now();
    site.database().run(tx -> LiveEvents.publish(tx, "run:1"));

    try (var lines = live("run:1,run:2", rendered)) {
      assertThat(next(lines)).as("the server's clock").matches("\\d{13}");
      assertThat(next(lines)).isEqualTo("run:1");
      site.database().run(tx -> LiveEvents.publish(tx, "run:2"));
      assertThat(next(lines)).isEqualTo("run:2");
    }
  }

  @Test
  void aRolledBackChangeIsNotTold() throws Exception {
    try (var lines = live("run:1,run:2", Instant.now())) {
      assertThat(next(lines)).as("the server's clock").matches("\\d{13}");
      try {
        site.database()
            .run(tx -> {
              LiveEvents.publish(tx, "run:1");
              throw new IllegalStateException("stop");
            });
      } catch (IllegalStateException e) {
        site.database().run(tx -> LiveEvents.publish(tx, "run:2"));
      }
      assertThat(next(lines)).isEqualTo("run:2");
    }
  }

  @Test
  void topicsThatAreNoneOrTooManyAreRefused() throws Exception {
    var distinct = new StringBuilder("a");
    for (int i = 0; i <= LiveEvents.MAX_TOPICS_OF_A_PAGE; i++) {
      distinct.append(",run:").append(i);
    }

    assertThat(get("/live?topics=NO%20TOPIC").statusCode()).isEqualTo(400);
    assertThat(get("/live").statusCode()).isEqualTo(400);
    assertThat(get("/live?topics=" + distinct).statusCode()).isEqualTo(400);
  }

  @Test
  void aProgramGetsAProblemAndNoPage() throws Exception {
    var missing = get("/nowhere");

    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(missing.body()).contains("There is nothing at /nowhere");
  }

  @Test
  void onePersonDoesNotTakeThePlacesOfAll() throws Exception {
    for (int i = 0; i < LiveEvents.MAX_SUBSCRIBERS_OF_A_PERSON; i++) {
      live("run:" + i, Instant.now());
    }

    var refused = get("/live?topics=runs");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("of yours are already live");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(path), BodyHandlers.ofString());
  }

  private BufferedReader live(String topics, Instant since)
      throws IOException, InterruptedException {
    var path = "/live?topics=" + topics + "&since=" + since.toEpochMilli();
    InputStream body = http.send(request(path), BodyHandlers.ofInputStream()).body();
    return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create(site.address() + path))
        .header("Authorization", bearer)
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  /// The data of the next event.
  private static String next(BufferedReader lines) throws IOException {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data: ")) {
        return line.substring("data: ".length());
      }
    }
    return "the end";
  }
}
