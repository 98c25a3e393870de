package dev.fairway.server.delivery.target;

import java.time.Instant;
import java.util.Optional;

/// An instance at one moment.
///
/// @param port where it listens on loopback, also after a restart of its process
/// @param process the present process, empty if none runs
/// @param restarts of its process since it was last stable
/// @param confinement how its process is kept apart, one sentence for people
/// @param reason why it failed or is unhealthy; empty if it is well
public record Instance(
    StartOrder order,
    InstanceState state,
    int port,
    Optional<ProcessIdentity> process,
    Instant startedAt,
    int restarts,
    String confinement,
    String reason) {}
