package dev.fairway.api;

import java.util.List;

/// A route and the upstreams that it has, newest generation first.
///
/// @param upstreams the one that serves, then those that were switched away from (the last few)
public record ProxyRouteStatus(ProxyRoute route, List<ProxyUpstreamStatus> upstreams) {
  public ProxyRouteStatus {
    upstreams = List.copyOf(upstreams);
  }

  /// The upstream that serves now.
  public ProxyUpstreamStatus current() {
    return upstreams.getFirst();
  }
}
