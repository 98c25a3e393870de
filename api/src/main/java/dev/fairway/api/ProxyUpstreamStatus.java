package dev.fairway.api;

import java.time.Instant;

/// One generation of a route, as the proxy sees it.
///
/// @param since when the traffic came to it
/// @param inFlight requests and open tunnels (WebSockets) that it has not finished
/// @param drained it gets no new request, has finished the old ones, and no connection of the proxy
///   to it is open: its process may stop
public record ProxyUpstreamStatus(
    long generation,
    int port,
    String release,
    String instance,
    Instant since,
    boolean serving,
    int inFlight,
    boolean drained,
    ProxyStatistics statistics) {}
