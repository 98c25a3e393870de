package dev.fairway.ledger;

/// An entry of which the place in the log was verified, and either what it says or who erased that.
public sealed interface Proven permits ProvenEntry, ProvenErasure {
  /// Its number in the log, from 0.
  long index();

  /// Hash of its leaf.
  Hash leaf();

  /// What the log committed to when the proof was made.
  Checkpoint checkpoint();
}
