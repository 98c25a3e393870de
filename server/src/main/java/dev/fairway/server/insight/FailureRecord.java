package dev.fairway.server.insight;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One failure in production that is attributed to a deployment.
///
/// @param causedBy the deployment
/// @param impactStart when users began to notice
/// @param restored when service was good again; empty while it is not
/// @param remediation the deployment at whose end it was repaired: the failed one itself where that
///   gave the traffic back
/// @param attribution how it is known that this deployment is to blame
record FailureRecord(
    UUID causedBy,
    Instant impactStart,
    Optional<Instant> restored,
    Optional<UUID> remediation,
    Attribution attribution) {

  /// What says that a deployment failed. Never that it merely was the latest before the trouble.
  enum Attribution {
    /// The verification of this very release under traffic said so.
    VERIFICATION("its verification failed"),
    /// A person took this deployment back.
    PERSON("a person rolled it back"),
    /// It got the traffic and could neither finish nor go back.
    DEPLOYMENT("it did not come to its end");

    private final String words;

    Attribution(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }
}
