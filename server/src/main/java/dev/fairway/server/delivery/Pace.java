package dev.fairway.server.delivery;

import java.time.Duration;

/// How soon a server notices what nobody told it.
///
/// @param lease how long a claim holds without being renewed: so long after a server's death
///   another one goes on
/// @param poll how late a deployment is noticed whose notification was missed or whose lease ran
///   out
/// @param retry after a failure of ours or of the database, before the next try
/// @param upkeep from one look at everything to the next
record Pace(Duration lease, Duration poll, Duration retry, Duration upkeep) {
  static final Pace USUAL =
      new Pace(
          Duration.ofSeconds(6),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1));

  /// From one renewal of a claim to the next; the lease survives one that fails.
  Duration renewal() {
    return lease.dividedBy(3);
  }
}
