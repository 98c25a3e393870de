package dev.fairway.bench.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// Clients that send one request after the other over a kept connection, every fourth a POST, and
/// never repeat one: what gets no complete 200 is lost.
final class Load implements AutoCloseable {
  /// One request that was answered or lost.
  ///
  /// @param release that answered; empty if the request was lost
  record Sample(long sentNanos, long endedNanos, String release, String loss) {}

  private static final int POST_EVERY = 4;
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final Duration POLL = Duration.ofMillis(5);

  private final int port;
  private final String host;
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  Load(int port, String host, int clients) {
    this.port = port;
    this.host = host;
    for (var i = 0; i < clients; i++) {
      threads.add(Thread.ofVirtual().name("client-" + i).start(this::send));
    }
  }

  /// The samples so far.
  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /// Waits until a request that was sent after `nanos` is answered by `release`.
  Sample firstFrom(String release, long nanos) {
    var end = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
    while (System.nanoTime() < end) {
      var first =
          samples.stream()
              .filter(s -> s.sentNanos() >= nanos && s.release().equals(release))
              .findFirst();
      if (first.isPresent()) {
        return first.get();
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    throw new IllegalStateException("no answer of " + release + " in time");
  }

  private void send() {
    while (!stopped) {
      var sent = System.nanoTime();
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        var in = new BufferedInputStream(socket.getInputStream());
        for (var i = 1; !stopped; i++) {
          sent = System.nanoTime();
          socket.getOutputStream().write(request(i % POST_EVERY == 0));
          var release = answer(in);
          samples.add(new Sample(sent, System.nanoTime(), release, ""));
        }
      } catch (IOException e) {
        samples.add(new Sample(sent, System.nanoTime(), "", String.valueOf(e.getMessage())));
      }
    }
  }

  private byte[] request(boolean post) {
    var text =
        post
            ? "POST /pay HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\n\r\n1 EUR"
            : "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    return text.getBytes(ISO_8859_1);
  }

  private static String answer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      var next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended before the answer");
      }
      head.append((char) next);
    }
    var lower = head.toString().toLowerCase(Locale.ROOT);
    var at = lower.indexOf("content-length: ") + "content-length: ".length();
    var length = Integer.parseInt(lower.substring(at, lower.indexOf("\r\n", at)).strip());
    var body = in.readNBytes(length);
    if (body.length < length || !lower.startsWith("http/1.1 200")) {
      throw new IOException("answered " + lower.lines().findFirst().orElse("nothing"));
    }
    return new String(body, ISO_8859_1);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (var thread : threads) {
      thread.join();
    }
  }
}
