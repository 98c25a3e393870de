package dev.fairway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import dev.fairway.api.ProxyUpstreamStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyTest {
  private static final String HOST = "shop.production.localhost";

  @TempDir Path folder;
  private Proxy proxy;
  private ProxyClient admin;

  @BeforeEach
  void start() throws IOException {
    var options = new ProxyOptions(folder, InetAddress.getLoopbackAddress(), 0, 0);
    proxy = Proxy.start(options, InstantSource.system());
    admin = new ProxyClient(folder);
  }

  @AfterEach
  void stop() {
    admin.close();
    proxy.close();
  }

  @Test
  void sendsARequestToTheServiceOfItsHost() throws Exception {
    try (var shop = new RealService("shop");
        var blog = new RealService("blog");
        var client = client()) {
      route(shop.port(), 1);
      admin.put(new ProxyRoute("blog.production", Set.of("blog.test"), blog.port(), "1", "i", 1));
      assertThat(client.get("/").body()).isEqualTo("shop");
      assertThat(client.send("GET / HTTP/1.1\r\nHost: BLOG.test.:7071\r\n\r\n").body())
          .isEqualTo("blog");
      var nobody = client.send("GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
      assertThat(nobody.status()).isEqualTo(404);
      assertThat(nobody.body())
          .contains("No service has the host nobody.test")
          .doesNotContain("shop");
    }
  }

  @Test
  void losesNoRequestOf24ClientsAtTenSwitches() throws Exception {
    var stop = new AtomicBoolean();
    var answered = new AtomicLong();
    try (var blue = new RealService("blue");
        var green = new RealService("green");
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        // Closed first, whatever happens: nobody waits for clients that nobody stops.
        AutoCloseable _ = () -> stop.set(true)) {
      route(blue.port(), 1);
      var clients = new ArrayList<Future<?>>();
      for (var i = 0; i < 24; i++) {
        clients.add(threads.submit(endlessly(stop, answered)));
      }
      for (var generation = 2; generation <= 11; generation++) {
        var target = answered.get() + 200;
        Await.until("traffic flows", () -> answered.get() > target);
        route((generation % 2 == 0 ? green : blue).port(), generation);
        assertThat(admin.awaitDrained("shop.production", generation - 1L, Duration.ofSeconds(10)))
            .isTrue();
      }
      stop.set(true);
      for (var client : clients) {
        client.get();
      }
      var counted = new AtomicLong();
      Await.until(
          "every request is counted",
          () -> {
            var upstreams = status();
            counted.set(upstreams.stream().mapToLong(u -> u.statistics().requests()).sum());
            // The eldest generations are forgotten after a while, so there may be fewer.
            return upstreams.stream().allMatch(u -> u.inFlight() == 0);
          });
      assertThat(counted.get()).isPositive().isLessThanOrEqualTo(answered.get());
      assertThat(status()).allMatch(u -> u.statistics().failures() == 0);
    }
  }

  private Callable<Void> endlessly(AtomicBoolean stop, AtomicLong answered) {
    return () -> {
      try (var client = client()) {
        for (var i = 0; !stop.get(); i++) {
          var answer = i % 3 == 0 ? client.post("/", "body") : client.get("/");
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.body()).isIn("blue", "green");
          answered.incrementAndGet();
        }
        return null;
      }
    };
  }

  @Test
  void waitsForASlowRequestBeforeAnUpstreamIsDrained() throws Exception {
    try (var blue = new RealService("blue");
        var green = new RealService("green");
        var slow = client();
        var client = client()) {
      route(blue.port(), 1);
      slow.write("GET /hold HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
      blue.held.await();
      route(green.port(), 2);
      assertThat(client.get("/").body()).isEqualTo("green");
      assertThat(admin.awaitDrained("shop.production", 1, Duration.ofMillis(50))).isFalse();
      assertThat(status().getLast().inFlight()).isEqualTo(1);
      blue.release.countDown();
      assertThat(slow.read().body()).isEqualTo("blue");
      assertThat(admin.awaitDrained("shop.production", 1, Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void closesItsConnectionsToADrainedUpstream() throws Exception {
    var ends = new AtomicLong();
    RawService.Conversation conversation =
        (socket, _) -> {
          while (!RawService.readHead(socket).isEmpty()) {
            RawService.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
          ends.incrementAndGet();
        };
    try (var old = new RawService(conversation);
        var next = new RealService("next");
        var client = client()) {
      route(old.port(), 1);
      assertThat(client.get("/").status()).isEqualTo(200);
      assertThat(ends).hasValue(0);
      route(next.port(), 2);
      assertThat(admin.awaitDrained("shop.production", 1, Duration.ofSeconds(10))).isTrue();
      Await.until("the service sees the end of its connection", () -> ends.get() == 1);
    }
  }

  @Test
  void hidesAPooledConnectionThatTheServiceClosesAtTheNextRequest() throws Exception {
    RawService.Conversation closesAfterOne =
        (socket, _) -> {
          RawService.readHead(socket);
          RawService.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          // The second request arrives and is met by the end of the connection.
          RawService.readHead(socket);
        };
    try (var service = new RawService(closesAfterOne);
        var client = client()) {
      route(service.port(), 1);
      for (var i = 0; i < 20; i++) {
        assertThat(client.get("/").status()).isEqualTo(200);
        assertThat(client.post("/", "once").status()).isEqualTo(200);
      }
      Await.until("all are counted", () -> status().getFirst().statistics().requests() == 40);
      assertThat(status().getFirst().statistics().failures()).isZero();
    }
  }

  @Test
  void sendsARequestWithABodyOnlyOnceEvenIfItsConnectionBreaks() throws Exception {
    var posts = new AtomicLong();
    try (var service =
            new RawService((socket, _) -> {
              if (RawService.readHead(socket).startsWith("POST")) {
                posts.incrementAndGet();
              }
            });
        var client = client()) {
      route(service.port(), 1);
      var answer = client.post("/pay", "1 EUR");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.body()).contains("shop.production (release 1.1.0) broke off its answer");
      assertThat(posts).hasValue(1);
      Await.until("it is counted", () -> status().getFirst().statistics().brokenOff() == 1);
    }
  }

  @Test
  void saysWhichServiceDoesNotAcceptConnections() throws Exception {
    int unused;
    try (var gone = new RealService("gone")) {
      unused = gone.port();
    }
    try (var client = client()) {
      route(unused, 1);
      var answer = client.get("/");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.body())
          .contains("shop.production (release 1.1.0) does not accept connections");
      Await.until("it is counted", () -> status().getFirst().statistics().connectFailures() == 1);
      assertThat(status().getFirst().statistics().failureRate()).isEqualTo(1);
    }
  }

  @Test
  void countsWhatBecameOfTheRequestsSinceAMark() throws Exception {
    try (var shop = new RealService("shop");
        var client = client()) {
      route(shop.port(), 1);
      client.get("/");
      Await.until("it is counted", () -> status().getFirst().statistics().requests() == 1);
      var mark = status().getFirst().statistics();
      for (var i = 0; i < 7; i++) {
        client.get("/");
      }
      assertThat(client.get("/fault").status()).isEqualTo(500);
      assertThat(client.get("/missing").status()).isEqualTo(404);
      Await.until("all are counted", () -> status().getFirst().statistics().requests() == 10);
      var since = status().getFirst().statistics().since(mark);
      assertThat(since.requests()).isEqualTo(9);
      assertThat(since.serverErrors()).isEqualTo(1);
      assertThat(since.clientErrors()).isEqualTo(1);
      assertThat(since.failureRate()).isEqualTo(1.0 / 9);
      assertThat(since.latency().stream().mapToLong(Long::longValue).sum()).isEqualTo(9);
      assertThat(since.percentile(50)).isBetween(Duration.ofNanos(1), Duration.ofSeconds(5));
      assertThat(since.percentile(99)).isGreaterThanOrEqualTo(since.percentile(50));
    }
  }

  @Test
  void passesThePathAsWrittenAndReplacesForwardingHeaders() throws Exception {
    try (var shop = new RealService("shop");
        var client = client()) {
      route(shop.port(), 1);
      var answer =
          client.send(
              "GET /headers?q=a%2Fb&x=%C3%A4 HTTP/1.1\r\nHost: "
                  + HOST
                  + ":7071\r\nX-Forwarded-For: 10.0.0.1\r\nForwarded: for=10.0.0.1\r\n"
                  + "Connection: keep-alive, X-Secret\r\nX-Secret: single\r\n"
                  + "Proxy-Authorization: Basic eDp5\r\nAccept-Encoding: br\r\n\r\n");
      assertThat(answer.body())
          .contains("GET /headers?q=a%2Fb&x=%C3%A4\n", "Host: " + HOST + ":7071\n")
          .contains("X-forwarded-for: 127.0.0.1\n", "X-forwarded-proto: http\n")
          .contains("Accept-encoding: br\n", "Via: 1.1 fairway\n")
          .doesNotContain("10.0.0.1", "single", "eDp5", "Jetty");
    }
  }

  @Test
  void refusesRequestsThatTwoServersCouldReadDifferently() throws Exception {
    try (var shop = new RealService("shop")) {
      route(shop.port(), 1);
      var head = "POST / HTTP/1.1\r\nHost: " + HOST + "\r\n";
      for (var smuggled :
          List.of(
              head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
              head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
              head + "Content-Length : 4\r\n\r\nbody",
              "GET / HTTP/1.1\r\nHost: " + HOST + "\r\nHost: other.test\r\n\r\n",
              "GET http://other.test/ HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n",
              "GET / HTTP/1.1\r\nHost: " + HOST + "\r\nX: a\r\n folded\r\n\r\n")) {
        try (var client = client()) {
          assertThat(client.send(smuggled).status()).as(smuggled).isEqualTo(400);
        }
      }
      try (var client = client()) {
        var large = "GET / HTTP/1.1\r\nHost: " + HOST + "\r\nX: " + "x".repeat(17_000) + "\r\n\r\n";
        assertThat(client.send(large).status()).isEqualTo(431);
      }
      assertThat(shop.served).hasValue(0);
    }
  }

  @Test
  void passesAStreamOnAsItComes() throws Exception {
    try (var shop = new RealService("shop");
        var client = client()) {
      route(shop.port(), 1);
      client.write("GET /drip HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      assertThat(client.chunk()).isEqualTo("first\n");
      shop.release.countDown();
      assertThat(client.chunk()).isEqualTo("second\n");
      assertThat(client.chunk()).isEmpty();
    }
  }

  @Test
  void refusesASwitchThatIsNotNewerAndAHostOfAnotherRoute() throws Exception {
    route(4_000, 5);
    assertThat(route(4_000, 5)).as("the same again").isEqualTo(5);
    assertRefused(() -> route(4_001, 5), ErrorCode.CONFLICT, "5 is not newer");
    assertRefused(() -> route(4_001, 4), ErrorCode.CONFLICT, "4 is not newer");
    var thief = new ProxyRoute("thief.production", Set.of(HOST), 4_002, "1", "i", 1);
    assertRefused(
        () -> admin.put(thief).route().generation(),
        ErrorCode.CONFLICT,
        "belongs to route shop.production");
    assertThat(admin.route("thief.production")).isEmpty();
    admin.remove("shop.production");
    admin.remove("shop.production");
    assertThat(admin.routes()).isEmpty();
  }

  @Test
  void letsNobodyAdministerItWithoutTheToken() throws Exception {
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("admin.token"))))
        .isEqualTo("rw-------");
    Files.writeString(folder.resolve("admin.token"), "guessed");
    assertRefused(() -> route(4_000, 1), ErrorCode.UNAUTHENTICATED, "wants its token");
    try (var client = client()) {
      assertThat(client.get("/v1/routes").status())
          .as("the traffic listener has no admin paths")
          .isEqualTo(404);
    }
  }

  @Test
  void closesAConnectionWhoseFirstHeadTricklesInTooSlowly() throws Exception {
    var options =
        new ProxyOptions(folder.resolve("impatient"), InetAddress.getLoopbackAddress(), 0, 0);
    var patience = Duration.ofMillis(500);
    try (var impatient = Proxy.start(options, InstantSource.system(), patience);
        var slow = new Client(impatient.address().trafficPort(), HOST);
        var other = new Client(impatient.address().trafficPort(), HOST)) {
      assertThat(other.get("/").status()).isEqualTo(404);
      slow.write("GET / HTTP/1.1\r\nHost: ");
      assertThatThrownBy(
              () -> {
                while (true) {
                  slow.write("x");
                  LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(other.get("/").status()).as("one that has asked before").isEqualTo(404);
    }
  }

  @Test
  void refusesAFolderThatAnotherProxyUses() {
    var options = new ProxyOptions(folder, InetAddress.getLoopbackAddress(), 0, 0);
    assertRefused(
        () -> {
          Proxy.start(options, InstantSource.system()).close();
          return 0L;
        },
        ErrorCode.CONFLICT,
        "another proxy uses the data folder");
  }

  private static void assertRefused(Callable<Long> call, ErrorCode code, String message) {
    assertThatThrownBy(call::call)
        .isInstanceOfSatisfying(FairwayException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private long route(int port, long generation) {
    var release = "1." + generation + ".0";
    var route = new ProxyRoute("shop.production", Set.of(HOST), port, release, "i", generation);
    return admin.put(route).route().generation();
  }

  private List<ProxyUpstreamStatus> status() {
    return admin.route("shop.production").orElseThrow().upstreams();
  }

  private Client client() throws IOException {
    return new Client(proxy.address().trafficPort(), HOST);
  }
}
