package dev.fairway.ledger;

import java.util.List;

/// What goes into an evidence pack.
///
/// @param keys of the log, for convenience: an auditor trusts only keys obtained elsewhere
/// @param entries bundles by ascending index, all under `checkpoint`; the last one is the statement
///   of the [Population]
/// @param checkpoint the signed note at the end of the period
/// @param before the signed note at its start
/// @param consistency proof from `before` to `checkpoint`
public record PackContents(
    TrustedKeys keys,
    List<EntryProof> entries,
    String checkpoint,
    String before,
    ConsistencyProof consistency) {
  public PackContents {
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("a pack has at least the statement of its population");
    }
  }
}
