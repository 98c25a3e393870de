/// Append-only Merkle log with signed checkpoints, and everything that is needed to verify it
/// offline.
module dev.fairway.ledger {
  requires static org.jspecify;

  exports dev.fairway.ledger;
}
