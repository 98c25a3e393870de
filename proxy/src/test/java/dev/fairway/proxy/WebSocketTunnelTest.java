package dev.fairway.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebSocketTunnelTest {
  private static final String HOST = "chat.production.localhost";
  private static final String HANDSHAKE =
      "GET /socket?room=1 HTTP/1.1\r\nHost: "
          + HOST
          + "\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

  @TempDir Path folder;

  /// Answers the handshake, greets, and repeats what it hears.
  private static RawService chat(AtomicReference<String> handshake) throws IOException {
    return new RawService((socket, _) -> {
      handshake.set(RawService.readHead(socket));
      RawService.send(
          socket,
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
      socket.getInputStream().transferTo(socket.getOutputStream());
    });
  }

  @Test
  void passesBytesBothWaysAndCountsAsInFlightUntilItCloses() throws Exception {
    var handshake = new AtomicReference<>("");
    var options = new ProxyOptions(folder, InetAddress.getLoopbackAddress(), 0, 0);
    try (var service = chat(handshake);
        var next = new RealService("next");
        var proxy = Proxy.start(options, InstantSource.system());
        var admin = new ProxyClient(folder)) {
      route(admin, service.port(), 1);
      try (var client = new Client(proxy.address().trafficPort(), HOST)) {
        client.write(HANDSHAKE + "early");
        assertThat(client.head())
            .startsWith("HTTP/1.1 101")
            .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(new String(client.exactly(10), ISO_8859_1)).isEqualTo("helloearly");
        client.write("ping");
        assertThat(new String(client.exactly(4), ISO_8859_1)).isEqualTo("ping");
        assertThat(handshake.get())
            .startsWith("GET /socket?room=1 HTTP/1.1\r\n")
            .contains("Host: " + HOST, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
            .contains("X-Forwarded-For: 127.0.0.1", "Connection: Upgrade\r\n");
        route(admin, next.port(), 2);
        assertThat(admin.awaitDrained("chat.production", 1, Duration.ofMillis(20))).isFalse();
        client.write("still here");
        assertThat(new String(client.exactly(10), ISO_8859_1)).isEqualTo("still here");
      }
      assertThat(admin.awaitDrained("chat.production", 1, Duration.ofSeconds(10))).isTrue();
      var former = admin.route("chat.production").orElseThrow().upstreams().getLast();
      assertThat(former.statistics().requests()).isEqualTo(1);
      assertThat(former.statistics().failures()).isZero();
    }
  }

  @Test
  void passesOnThatTheServiceDeclines() throws Exception {
    var options = new ProxyOptions(folder, InetAddress.getLoopbackAddress(), 0, 0);
    try (var service =
            new RawService((socket, _) -> {
              RawService.readHead(socket);
              RawService.send(socket, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            });
        var proxy = Proxy.start(options, InstantSource.system());
        var admin = new ProxyClient(folder);
        var client = new Client(proxy.address().trafficPort(), HOST)) {
      route(admin, service.port(), 1);
      assertThat(client.send(HANDSHAKE).status()).isEqualTo(403);
    }
  }

  @Test
  void doesNotTunnelAnotherProtocol() throws Exception {
    var options = new ProxyOptions(folder, InetAddress.getLoopbackAddress(), 0, 0);
    try (var service = new RealService("shop");
        var proxy = Proxy.start(options, InstantSource.system());
        var admin = new ProxyClient(folder);
        var client = new Client(proxy.address().trafficPort(), HOST)) {
      route(admin, service.port(), 1);
      var answer =
          client.send(HANDSHAKE.replace("websocket", "h2c").replace("/socket", "/headers"));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).doesNotContain("h2c");
    }
  }

  private static void route(ProxyClient admin, int port, long generation) {
    admin.put(new ProxyRoute("chat.production", Set.of(HOST), port, "1", "i", generation));
  }
}
