package dev.fairway.server.delivery;

import java.time.Instant;
import java.util.UUID;

/// What has the traffic of a service in an environment.
///
/// @param deploymentId the deployment that brought the release there
/// @param since when it got the traffic, or got it back
public record Serving(
    String environment, String service, UUID deploymentId, UUID releaseId, Instant since) {}
