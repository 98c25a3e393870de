package dev.fairway.proxy;

import java.time.Duration;

/// Every bound of the proxy, by name. Bodies have none: they stream through a few buffers.
final class Limits {
  /// Request line and headers of one request; beyond it the client gets 431.
  static final int REQUEST_HEADER_BYTES = 16 * 1024;

  /// Status line and headers of one answer; beyond it the client gets 502.
  static final int RESPONSE_HEADER_BYTES = 32 * 1024;

  /// Connections to one upstream; further requests wait in its queue.
  static final int CONNECTIONS_PER_UPSTREAM = 512;

  /// Requests that wait for a connection to one upstream; further ones get 503.
  static final int QUEUED_PER_UPSTREAM = 1_024;

  /// How long a service has to accept a connection; then 502.
  static final Duration CONNECT = Duration.ofSeconds(2);

  /// How long a service may be silent within one exchange; then 504 or an aborted body.
  static final Duration SERVICE_SILENCE = Duration.ofMinutes(2);

  /// Clients' connections at a time; further ones wait until one closes.
  static final int CLIENT_CONNECTIONS = 10_000;

  /// How long a client may take for the head of its first request, however it trickles in.
  static final Duration FIRST_HEAD = Duration.ofSeconds(30);

  /// How long a client may be silent, within a request or between two.
  static final Duration CLIENT_SILENCE = Duration.ofSeconds(150);

  /// How long a WebSocket may be silent in both directions.
  static final Duration TUNNEL_SILENCE = Duration.ofMinutes(10);

  /// How long an idle connection to a service is kept: shorter than what servers commonly wait
  /// (Node 5 s, nginx 75 s, the JDK's 30 s), so that we close it before they do.
  static final Duration POOLED = Duration.ofSeconds(4);

  /// Sends of one request at most: the first, and one more if that is known to be safe.
  static final int ATTEMPTS = 2;

  /// Body of an admin request.
  static final int ADMIN_BODY_BYTES = 64 * 1024;

  static final int ROUTES = 1_000;

  /// Former upstreams that a route still reports once they have drained.
  static final int FORMER_UPSTREAMS = 8;

  /// How long SIGTERM waits for requests under way.
  static final Duration GRACEFUL_STOP = Duration.ofSeconds(10);

  /// Threads of the selectors and their helpers; requests run on virtual threads.
  static final int PLATFORM_THREADS = 16;

  static final int ACCEPT_QUEUE = 1_024;

  private Limits() {}
}
