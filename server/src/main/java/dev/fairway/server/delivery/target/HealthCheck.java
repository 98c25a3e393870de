package dev.fairway.server.delivery.target;

import java.time.Duration;

/// How to see that a service is well.
///
/// @param path asked by GET; 200 to 399 is well
/// @param interval from one question to the next
/// @param timeout how long an answer may take
/// @param healthy so many good answers in a row make it healthy
/// @param unhealthy so many bad ones in a row make it unhealthy
/// @param start how long it may take from its start until it is healthy
public record HealthCheck(
    String path, Duration interval, Duration timeout, int healthy, int unhealthy, Duration start) {
  public HealthCheck {
    if (!path.startsWith("/") || healthy < 1 || unhealthy < 1 || !interval.isPositive()) {
      throw new IllegalArgumentException(
          "a health check has a path from /, counts from 1 and a positive interval");
    }
  }
}
