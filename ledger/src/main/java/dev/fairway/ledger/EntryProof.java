package dev.fairway.ledger;

/// What a log gives out about one of its entries: the statement with its proof, or, once the
/// statement was erased, the proof that it was there and who erased it.
public sealed interface EntryProof permits Bundle, ErasedEntry {
  /// The entry's leaf and its place in the log.
  LoggedLeaf logged();

  /// Media type of the file form.
  String mediaType();

  /// The file form.
  String json();

  /// Verifies one entry in file form, offline, against nothing but the trusted keys.
  static Verdict<Proven> verify(byte[] json, TrustedKeys keys) {
    try {
      return new Verdict.Verified<>(EntryFile.prove(EntryFile.parse(json), keys));
    } catch (Refusal refusal) {
      return new Verdict.Refused<>(refusal.flaw(), EntryFile.WHERE, refusal.detail());
    }
  }
}
