package dev.fairway.server.evidence;

import dev.fairway.api.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Reads sequenced entries.
final class Entries {
  /// Most entries of one answer.
  static final int MAX_PAGE = 500;

  private Entries() {}

  /// Entries that have an index: the size of the newest checkpoint.
  static long size(Handle tx) {
    return tx.createQuery("SELECT coalesce(max(size), 0) FROM ledger_checkpoint")
        .mapTo(Long.class)
        .one();
  }

  /// The first entry of one of the types from index `from` on, below `end`.
  static Optional<LedgerEntry> next(Handle tx, long from, long end, String[] types) {
    return tx.createQuery(
            """
            SELECT index, id, type, subjects, predicate, about, actor, recorded_at
              FROM ledger_entry
             WHERE index >= :from AND index < :end AND type = ANY (:types)
             ORDER BY index
             LIMIT 1
            """)
        .bind("from", from)
        .bind("end", end)
        .bindArray("types", String.class, (Object[]) types)
        .map((row, _) -> entry(row))
        .findOne();
  }

  static LedgerEntry entry(ResultSet row) throws SQLException {
    return new LedgerEntry(
        row.getLong("index"),
        row.getObject("id", UUID.class),
        PredicateType.ofUri(row.getString("type")),
        List.of(Json.MAPPER.readValue(row.getString("subjects"), Subject[].class)),
        Json.MAPPER.readTree(row.getString("predicate")),
        Set.copyOf(Arrays.asList((String[]) row.getArray("about").getArray())),
        row.getString("actor"),
        row.getTimestamp("recorded_at").toInstant());
  }
}
