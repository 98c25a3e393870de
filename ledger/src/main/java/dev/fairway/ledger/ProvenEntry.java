package dev.fairway.ledger;

/// An entry whose signature and place in the log were verified.
///
/// @param index its number in the log, from 0
/// @param leaf hash of its leaf
/// @param statement what was signed
/// @param checkpoint what the log committed to when the proof was made
public record ProvenEntry(
    long index, Hash leaf, InTotoStatement statement, Checkpoint checkpoint) {}
