package dev.fairway.server.delivery.target;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/// Asks a service how it is.
final class HealthProbe implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /// Empty if it is well, or else what it said instead.
  String complaint(int port, HealthCheck check) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + check.path()))
            .timeout(check.timeout())
            .header("User-Agent", "Fairway health check")
            .build();
    try {
      // The answer's head says it all; a body that never ends must not hold up the next question.
      var answer = http.send(request, BodyHandlers.ofInputStream());
      answer.body().close();
      var status = answer.statusCode();
      return status >= 200 && status < 400 ? "" : check.path() + " answered " + status;
    } catch (IOException e) {
      var cause = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      return check.path() + " did not answer: " + cause;
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
