package dev.fairway.server.delivery.target;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.ProxyClient;
import dev.fairway.api.ProxyRoute;
import dev.fairway.api.ProxyRouteStatus;
import dev.fairway.api.ProxyUpstreamStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/// Where the proxy sends the requests of each route, and who had them before.
final class Traffic {
  private final ProxyClient proxy;
  private final History history;
  private final InstantSource clock;

  Traffic(ProxyClient proxy, History history, InstantSource clock) {
    this.proxy = proxy;
    this.history = history;
    this.clock = clock;
  }

  /// What the proxy knows of a route, empty if it has none of that name.
  Optional<ProxyRouteStatus> of(String route) {
    return proxy.route(route);
  }

  /// Where the proxy takes requests.
  int port() {
    return proxy.ready().trafficPort();
  }

  boolean isWith(UUID instance, String route) {
    return of(route).filter(it -> it.route().instance().equals(instance.toString())).isPresent();
  }

  /// See [LocalTarget#switchTraffic].
  Optional<TrafficSwitch> send(Instance instance, Set<String> hosts, BooleanSupplier stillWanted) {
    var order = instance.order();
    var present = of(order.route());
    if (!stillWanted.getAsBoolean()) {
      return Optional.empty();
    }
    var there =
        present
            .map(ProxyRouteStatus::route)
            .filter(r -> r.instance().equals(order.id().toString()))
            .filter(r -> r.port() == instance.port() && r.hosts().equals(hosts));
    ProxyRouteStatus status;
    if (there.isPresent()) {
      status = present.orElseThrow();
    } else {
      refuseUnlessHealthy(instance);
      // One above what we have read: if somebody switched meanwhile, the proxy refuses.
      var generation = present.map(it -> it.route().generation()).orElse(0L) + 1;
      status =
          proxy.put(
              new ProxyRoute(
                  order.route(),
                  hosts,
                  instance.port(),
                  order.release(),
                  order.id().toString(),
                  generation));
    }
    remember(order);
    return Optional.of(described(order, status));
  }

  private static void refuseUnlessHealthy(Instance instance) {
    if (instance.state() != InstanceState.HEALTHY) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "%s %s is %s, so it gets no traffic. %s"
              .formatted(
                  instance.order().service(),
                  instance.order().release(),
                  instance.state(),
                  instance.reason()),
          "Wait until it is healthy.");
    }
  }

  private void remember(StartOrder order) {
    try {
      history.add(
          order.route(), new History.Entry(order.id(), order.releaseDigest(), clock.instant()));
    } catch (IOException e) {
      throw LocalTarget.storage("the traffic was switched, and the history cannot be written", e);
    }
  }

  private static TrafficSwitch described(StartOrder order, ProxyRouteStatus status) {
    var former =
        status.upstreams().stream()
            .filter(upstream -> !upstream.instance().equals(order.id().toString()))
            .findFirst();
    return new TrafficSwitch(
        order.route(),
        order.id(),
        status.route().generation(),
        status.current().since(),
        former.map(upstream -> UUID.fromString(upstream.instance())),
        former.map(ProxyUpstreamStatus::generation).orElse(0L));
  }

  /// Waits until the requests of a former generation have ended; false when the time is over.
  boolean drain(String route, long generation, Duration wait) {
    var end = System.nanoTime() + wait.toNanos();
    while (true) {
      var left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      if (proxy.awaitDrained(route, generation, left)) {
        return true;
      }
      if (System.nanoTime() >= end) {
        return false;
      }
    }
  }

  /// Lets the hosts of a route answer 404.
  void cutOff(String route) {
    proxy.remove(route);
  }

  void forget(String route) {
    try {
      history.forget(route);
    } catch (IOException e) {
      throw LocalTarget.storage("cannot forget the history of " + route, e);
    }
  }

  /// See [History#keptReleases].
  Set<String> keptReleases(ToIntFunction<String> count) throws IOException {
    return history.keptReleases(count);
  }
}
