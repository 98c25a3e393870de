package dev.fairway.server.evidence;

import org.jspecify.annotations.Nullable;

/// An entry as people see it.
///
/// @param erased who deleted what it said; null while that is there
public record ListedEntry(LedgerEntry entry, @Nullable Erased erased) {}
