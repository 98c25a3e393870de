package dev.fairway.server.web;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// What the top bar says about the ledger.
@FunctionalInterface
public interface SealSource {
  /// Empty while there is no checkpoint yet.
  Optional<Seal> seal(Handle tx);

  /// @param entries the size of the tree at the last checkpoint
  /// @param checkpointAt when it was signed
  /// @param intact whether the last self-check agreed with it
  record Seal(long entries, Instant checkpointAt, boolean intact) {}
}
