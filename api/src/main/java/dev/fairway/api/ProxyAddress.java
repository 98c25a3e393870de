package dev.fairway.api;

import java.nio.file.Path;
import java.time.Instant;

/// Where a running proxy listens and whether it is ready: its file `proxy.json` and the answer of
/// `GET /v1/ready`.
///
/// @param epoch identifies one life of the process
/// @param routes how many routes it serves; 0 in the file
public record ProxyAddress(
    String epoch, long pid, Instant startedAt, int trafficPort, int adminPort, int routes) {
  /// The file in the proxy's data folder, written once it listens.
  public static Path file(Path folder) {
    return folder.resolve("proxy.json");
  }

  /// The file in the proxy's data folder, mode 600, that holds the token of the admin listener.
  public static Path tokenFile(Path folder) {
    return folder.resolve("admin.token");
  }
}
