package dev.fairway.server.delivery.target;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// That the traffic of a route goes to an instance.
///
/// @param generation of the route that leads to it
/// @param from the instance that had the traffic before, empty if there was none
/// @param fromGeneration its generation, to drain it; 0 if there was none
public record TrafficSwitch(
    String route,
    UUID instance,
    long generation,
    Instant since,
    Optional<UUID> from,
    long fromGeneration) {}
