package dev.fairway.ledger;

/// An entry whose signature and place in the log were verified.
///
/// @param statement what was signed
public record ProvenEntry(long index, Hash leaf, InTotoStatement statement, Checkpoint checkpoint)
    implements Proven {}
