package dev.fairway.server.delivery.target;

import java.time.Instant;

/// Turns single answers into health: so many in a row make or break it.
///
/// ```
///  STARTING ──healthy in a row──► HEALTHY ◄──in a row──► UNHEALTHY
///      └──start time over──► LATE
/// ```
final class HealthMonitor {
  /// What is known of the health of one process.
  enum Health {
    /// Not yet healthy, and still in time.
    STARTING,
    HEALTHY,
    UNHEALTHY,
    /// It did not become healthy in time.
    LATE
  }

  private final HealthCheck check;
  private final Instant startedAt;
  private Health health = Health.STARTING;
  private int good;
  private int bad;

  HealthMonitor(HealthCheck check, Instant startedAt) {
    this.check = check;
    this.startedAt = startedAt;
  }

  Health observe(Instant now, boolean well) {
    good = well ? good + 1 : 0;
    bad = well ? 0 : bad + 1;
    health =
        switch (health) {
          case STARTING ->
              good >= check.healthy()
                  ? Health.HEALTHY
                  : now.isBefore(startedAt.plus(check.start())) ? Health.STARTING : Health.LATE;
          case HEALTHY -> bad >= check.unhealthy() ? Health.UNHEALTHY : Health.HEALTHY;
          case UNHEALTHY -> good >= check.healthy() ? Health.HEALTHY : Health.UNHEALTHY;
          case LATE -> Health.LATE;
        };
    return health;
  }
}
