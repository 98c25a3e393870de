package dev.fairway.server.evidence;

import java.util.Set;
import org.jdbi.v3.core.Handle;

/// A later stage that acts on what an earlier one recorded.
///
/// Entries come in the order of their index, each in a transaction that also moves the subscriber's
/// cursor: the effect of an entry and having seen it are one. An exception rolls back and is tried
/// again, so nothing is skipped and nothing is done twice.
public interface Subscriber {
  /// The name of its cursor, for ever.
  String name();

  /// What it wants to see.
  Set<PredicateType> types();

  void on(Handle tx, LedgerEntry entry);
}
