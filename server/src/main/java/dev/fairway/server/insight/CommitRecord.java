package dev.fairway.server.insight;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One commit that a deployment brought to production for the first time.
///
/// @param deployment the first successful deployment that holds it
/// @param firstPushed when the server saw it first; empty for history from before that
record CommitRecord(
    String sha,
    UUID deployment,
    Instant authored,
    Instant committed,
    Optional<Instant> firstPushed) {}
