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

  /// Whether [#prepare] has something to do.
  default boolean prepares() {
    return false;
  }

  /// Reads what acting on the entry takes from elsewhere, such as from git, while no transaction is
  /// open. [#on] follows, unless another server was faster, and does without where this was not
  /// called or found nothing.
  default void prepare(LedgerEntry entry) {}

  void on(Handle tx, LedgerEntry entry);
}
