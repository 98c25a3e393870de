package dev.fairway.ledger;

import java.util.List;

/// A pack of which everything was verified.
///
/// @param population what the log's operator claims to be complete, and is in the pack
/// @param entries by ascending index, erased ones among them; the last one is the population's
///   statement
/// @param before what the log committed to at the start of the period
/// @param checkpoint what it committed to at the end
public record ProvenPack(
    Population population, List<Proven> entries, Checkpoint before, Checkpoint checkpoint) {
  public ProvenPack {
    entries = List.copyOf(entries);
  }
}
