package dev.fairway.proxy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/// A running proxy: the traffic listener, the admin listener and the routes between them.
///
/// It serves the routes that it kept as soon as it listens; nobody has to tell it again.
public final class Proxy implements AutoCloseable {
  // Held here because java.util.logging forgets the level of a logger that nobody refers to.
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  static {
    JETTY.setLevel(Level.WARNING);
  }

  private final String epoch = UUID.randomUUID().toString();
  private final Instant startedAt;
  private final DataFolder folder;
  private final Server server;
  private final ServerConnector traffic;
  private final ServerConnector admin;
  private final Routes routes;

  private Proxy(ProxyOptions options, DataFolder folder, InstantSource clock, Duration firstHead)
      throws IOException {
    this.folder = folder;
    this.startedAt = clock.instant();
    var threads = new QueuedThreadPool(Limits.PLATFORM_THREADS);
    threads.setName("proxy");
    threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
    this.server = new Server(threads);
    this.traffic = listener(server, options.address(), options.port());
    this.admin = listener(server, InetAddress.getLoopbackAddress(), options.adminPort());
    traffic.addBean(new SlowHeads(traffic.getScheduler(), firstHead));
    server.addBean(new NetworkConnectionLimit(Limits.CLIENT_CONNECTIONS, traffic));
    server.setConnectors(new Connector[] {traffic, admin});
    var pools = new UpstreamPools();
    this.routes = new Routes(epoch, clock, folder.routes(), folder::save, pools::close);
    var administration = new AdminHandler(folder.token(), routes, clock, this::address);
    server.setHandler(
        new Handler.Sequence(
            new OnConnector(admin, administration),
            new OnConnector(traffic, new GracefulHandler(new TrafficHandler(routes, pools)))));
    server.setStopTimeout(Limits.GRACEFUL_STOP.toMillis());
  }

  /// Starts a proxy and returns once it serves.
  ///
  /// @throws FairwayException CONFLICT if the folder or a port is taken
  public static Proxy start(ProxyOptions options, InstantSource clock) throws IOException {
    return start(options, clock, Limits.FIRST_HEAD);
  }

  /// @param firstHead how long a client may take for the head of its first request
  static Proxy start(ProxyOptions options, InstantSource clock, Duration firstHead)
      throws IOException {
    var folder = DataFolder.open(options.folder());
    try {
      var proxy = new Proxy(options, folder, clock, firstHead);
      proxy.listen(options);
      return proxy;
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  private void listen(ProxyOptions options) throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      LifeCycle.stop(server);
      if (isPortTaken(e)) {
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "port %d or admin port %d is in use".formatted(options.port(), options.adminPort()),
            "Stop what listens there, or start the proxy with other --port and --admin-port.",
            e);
      }
      throw new IOException("the proxy cannot start: " + e.getMessage(), e);
    }
    folder.publish(address());
  }

  private static boolean isPortTaken(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return true;
      }
    }
    return false;
  }

  // Its successor, a handler, does the same as not having it; the default here is still to delay.
  @SuppressWarnings("removal")
  private static ServerConnector listener(Server server, InetAddress address, int port) {
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    http.setRequestHeaderSize(Limits.REQUEST_HEADER_BYTES);
    http.setResponseHeaderSize(Limits.RESPONSE_HEADER_BYTES);
    // A body is passed on as it comes, so there is no use in waiting for its first bytes.
    http.setDelayDispatchUntilContent(false);
    // Hosts decide on the route, paths do not: an encoded slash is the service's to understand.
    http.setUriCompliance(UriCompliance.RFC3986);
    var connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getHostAddress());
    connector.setPort(port);
    connector.setAcceptQueueSize(Limits.ACCEPT_QUEUE);
    connector.setIdleTimeout(Limits.CLIENT_SILENCE.toMillis());
    return connector;
  }

  /// Where it listens, and how many routes it serves.
  public ProxyAddress address() {
    return new ProxyAddress(
        epoch,
        ProcessHandle.current().pid(),
        startedAt,
        traffic.getLocalPort(),
        admin.getLocalPort(),
        routes.list().size());
  }

  /// Takes no new request, lets those under way finish for a while, and ends.
  @Override
  public void close() {
    LifeCycle.stop(server);
    folder.close();
  }

  /// Handles only what came in through one listener.
  private static final class OnConnector extends Handler.Wrapper {
    private final Connector connector;

    OnConnector(Connector connector, Handler handler) {
      super(handler);
      this.connector = connector;
    }

    // The connector itself is meant, not one that equals it.
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      return request.getConnectionMetaData().getConnector() == connector
          && super.handle(request, response, callback);
    }
  }
}
