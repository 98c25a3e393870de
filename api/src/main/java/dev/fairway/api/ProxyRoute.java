package dev.fairway.api;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Where the traffic of one service in one environment goes.
///
/// A route is replaced as a whole, so that all its hosts switch at the same instant. The generation
/// orders the switches of one route: the proxy refuses one that is not newer than the present one.
///
/// @param name the route, such as `shop.production`
/// @param hosts the host names (lower case, without a port) whose requests follow this route
/// @param port the loopback port of the instance that serves
/// @param release what is served, for people and statistics
/// @param instance the identifier of the instance that listens on the port
/// @param generation greater than that of every earlier switch of this route; at least 1
public record ProxyRoute(
    String name, Set<String> hosts, int port, String release, String instance, long generation) {
  public static final int MAX_HOSTS = 32;
  public static final int MAX_LABEL_CHARS = 200;

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,199}");
  private static final int MAX_HOST_CHARS = 253;

  public ProxyRoute {
    require(NAME.matcher(name).matches(), "a route name is [a-z0-9._-], not '" + name + "'");
    require(
        !hosts.isEmpty() && hosts.size() <= MAX_HOSTS,
        "route " + name + " needs 1 to " + MAX_HOSTS + " hosts, not " + hosts.size());
    for (var host : hosts) {
      require(
          host.length() <= MAX_HOST_CHARS && HOST.matcher(host).matches(),
          "'" + host + "' is not a host name in lower case without a port");
    }
    require(port > 0 && port < 65_536, "route " + name + " has no valid port: " + port);
    require(generation > 0, "the generation of route " + name + " must be at least 1");
    require(
        release.length() <= MAX_LABEL_CHARS && instance.length() <= MAX_LABEL_CHARS,
        "release and instance of route " + name + " have at most " + MAX_LABEL_CHARS + " chars");
    hosts = Set.copyOf(new TreeSet<>(hosts));
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, message, "Correct the route.");
    }
  }
}
