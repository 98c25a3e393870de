package dev.fairway.server.insight;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One commit, no merge, that a deployment brought to production for the first time.
///
/// @param deployment the first successful deployment that holds it
/// @param authored by the author's clock; empty where the commit has no date
/// @param committed by the committer's clock; empty where the commit has no date
/// @param firstPushed when the server saw it first; empty for history from before that
record CommitRecord(
    String sha,
    UUID deployment,
    Optional<Instant> authored,
    Optional<Instant> committed,
    Optional<Instant> firstPushed) {}
