package dev.fairway.server.evidence;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// An entry of the ledger as subscribers see it.
///
/// @param index its place in the log, gap-free from 0
/// @param at when the transaction that recorded it ran
public record LedgerEntry(
    long index,
    UUID id,
    PredicateType type,
    List<Subject> subjects,
    JsonNode predicate,
    Set<String> about,
    String actor,
    Instant at) {
  public LedgerEntry {
    subjects = List.copyOf(subjects);
    about = Set.copyOf(about);
  }
}
