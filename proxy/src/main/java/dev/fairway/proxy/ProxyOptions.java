package dev.fairway.proxy;

import java.net.InetAddress;
import java.nio.file.Path;

/// How a proxy process is set up.
///
/// @param folder its data folder, for this process alone
/// @param address where the traffic listener binds; the admin listener binds to loopback always
/// @param port of the traffic listener; 0 takes a free one
/// @param adminPort of the admin listener; 0 takes a free one, which `proxy.json` names
public record ProxyOptions(Path folder, InetAddress address, int port, int adminPort) {
  public static final int DEFAULT_PORT = 7071;
}
