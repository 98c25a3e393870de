package dev.example.payments;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PaymentsServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private PaymentsServer server;

  @BeforeEach
  void start() throws IOException {
    server = new PaymentsServer(0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void answersATransferAndShowsTheNewBalance() throws Exception {
    assertEquals(200, post("/transfers?from=ada&to=ben&cents=100"));
    assertEquals("1000100", get("/accounts/ben"));
  }

  @Test
  void namesTheRuleThatATransferBreaks() throws Exception {
    assertEquals(422, post("/transfers?from=ada&to=ada&cents=100"));
    assertEquals(422, post("/transfers?from=ada&to=ben&cents=ten"));
  }

  @Test
  void isHealthyAfterItsStart() throws Exception {
    assertEquals("ok", get("/health"));
  }

  private int post(String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.noBody()).build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private String get(String path) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
        .body()
        .strip();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }
}
