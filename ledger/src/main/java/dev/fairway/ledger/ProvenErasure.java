package dev.fairway.ledger;

/// An entry whose place in the log was verified, and of whose payload it was verified that somebody
/// erased it and said so in the log.
///
/// @param erasure what was erased, and why
/// @param by the entry that says so: its context has who and when
public record ProvenErasure(
    long index, Hash leaf, Erasure erasure, ProvenEntry by, Checkpoint checkpoint)
    implements Proven {}
