package dev.fairway.proxy;

import dev.fairway.api.ProxyRoute;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.component.LifeCycle;

/// The proxy's connections to the services.
///
/// Each generation of a route has two pools: one keeps connections for the next request, the other
/// uses each for one request only. Generations share none, even on the same port.
final class UpstreamPools {
  private record Pool(String route, long generation, boolean oneRequestEach) {}

  private final HttpClient client = newClient();

  private static HttpClient newClient() {
    var connector = new ClientConnector();
    connector.setSelectors(1);
    var transport = new HttpClientTransportOverHTTP(connector);
    transport.setConnectionPoolFactory(destination -> {
      var pool = new DuplexConnectionPool(destination, Limits.CONNECTIONS_PER_UPSTREAM);
      if (destination.getOrigin().getTag() instanceof Pool tag && tag.oneRequestEach()) {
        pool.setMaxUsage(1);
      }
      return pool;
    });
    var client = new HttpClient(transport);
    client.setUserAgentField(null);
    client.setConnectTimeout(Limits.CONNECT.toMillis());
    client.setIdleTimeout(Limits.POOLED.toMillis());
    client.setMaxRequestsQueuedPerDestination(Limits.QUEUED_PER_UPSTREAM);
    client.setMaxResponseHeadersSize(Limits.RESPONSE_HEADER_BYTES);
    return client;
  }

  HttpClient client() {
    return client;
  }

  /// @param fresh on a connection that has carried no other request
  Request newRequest(ProxyRoute route, boolean fresh) {
    return client
        .newRequest("127.0.0.1", route.port())
        .tag(new Pool(route.name(), route.generation(), fresh))
        .idleTimeout(Limits.SERVICE_SILENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Closes the idle connections to an upstream that gets no more requests.
  void close(ProxyRoute route) {
    for (var destination : client.getDestinations()) {
      if (destination.getOrigin().getTag() instanceof Pool pool
          && pool.route().equals(route.name())
          && pool.generation() == route.generation()
          && client.removeDestination(destination)
          && destination instanceof HttpDestination connections) {
        LifeCycle.stop(connections);
      }
    }
  }
}
