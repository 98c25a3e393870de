package dev.fairway.server.delivery.target;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// The loopback ports of instances.
final class Ports {
  private Ports() {}

  /// A port where nothing listens now.
  ///
  /// @param taken ports of instances, whose processes may be about to listen
  static int free(Set<Integer> taken) {
    var ports = TargetLimits.LAST_PORT - TargetLimits.FIRST_PORT + 1;
    // From anywhere: a port that has just become free may still have late clients.
    var first = ThreadLocalRandom.current().nextInt(ports);
    for (var i = 0; i < ports; i++) {
      var port = TargetLimits.FIRST_PORT + (first + i) % ports;
      if (!taken.contains(port) && isFree(port)) {
        return port;
      }
    }
    throw new FairwayException(
        ErrorCode.CONFLICT,
        "no port from %d to %d is free".formatted(TargetLimits.FIRST_PORT, TargetLimits.LAST_PORT),
        "Stop instances or what else listens there.");
  }

  private static boolean isFree(int port) {
    try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
