package dev.fairway.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// Customers of payments: they send all the while, most of them transfers that work, a few that the
/// service refuses.
final class LiveTraffic implements AutoCloseable {
  private static final int CLIENTS = 24;

  /// Between two requests of one customer: about 500 requests a second together.
  private static final Duration PAUSE = Duration.ofMillis(50);

  /// One transfer in so many asks for more than the balance holds.
  private static final int REFUSED_EVERY = 25;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Thread> customers = new ArrayList<>();
  private final URI service;
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder lost = new LongAdder();

  /// @param service by which address customers reach it
  LiveTraffic(URI service) {
    this.service = service;
    for (int number = 0; number < CLIENTS; number++) {
      int customer = number;
      customers.add(Thread.ofVirtual().name("customer-" + number).start(() -> send(customer)));
    }
  }

  /// Requests that got the answer of a working service, refusals by a rule of payments included.
  long answered() {
    return answered.sum();
  }

  /// Requests that the service answered with an error of its own.
  long failed() {
    return failed.sum();
  }

  /// Requests that got no answer, or one by the proxy that nobody serves.
  long lost() {
    return lost.sum();
  }

  private void send(int customer) {
    try {
      for (int count = 1; !closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS); count++) {
        var cents = count % REFUSED_EVERY == 0 ? 1_000_000_000 : 1;
        transfer("customer-" + customer, "shop-" + count % 7, cents);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void transfer(String from, String to, int cents) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + service.getPort()
                        + "/transfers?from=%s&to=%s&cents=%d".formatted(from, to, cents)))
            .header("Host", service.getAuthority())
            .timeout(Duration.ofSeconds(10))
            .POST(BodyPublishers.noBody())
            .build();
    try {
      switch (http.send(request, BodyHandlers.discarding()).statusCode()) {
        case 200, 422 -> answered.increment();
        case 502, 503, 504, 404 -> lost.increment();
        default -> failed.increment();
      }
    } catch (IOException e) {
      lost.increment();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    for (var customer : customers) {
      try {
        customer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    http.close();
  }
}
