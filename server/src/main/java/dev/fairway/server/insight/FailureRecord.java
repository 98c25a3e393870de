package dev.fairway.server.insight;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One failure in production that is attributed to a deployment.
///
/// @param causedBy the deployment
/// @param impactStart when users began to notice
/// @param restored when service was good again; empty while it is not
/// @param remediation the deployment that repaired it
record FailureRecord(
    UUID causedBy, Instant impactStart, Optional<Instant> restored, Optional<UUID> remediation) {}
