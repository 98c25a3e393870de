package dev.fairway.server.evidence;

import dev.fairway.api.Json;
import dev.fairway.ledger.Bytes;
import dev.fairway.ledger.Population;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

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

  /// The first entry of one of the types from index `from` on, below `end`. Nothing can be done
  /// about one that was erased.
  static Optional<LedgerEntry> next(Handle tx, long from, long end, List<String> types) {
    return tx.createQuery(
            """
            SELECT index, id, type, subjects, predicate, about, actor, recorded_at
              FROM ledger_entry
             WHERE index >= :from AND index < :end AND type = ANY (:types)
               AND payload IS NOT NULL
             ORDER BY index
             LIMIT 1
            """)
        .bind("from", from)
        .bind("end", end)
        .bindArray("types", String.class, types)
        .map((row, _) -> entry(row))
        .findOne();
  }

  /// What to list.
  ///
  /// @param about a reference that entries must have; empty for all
  /// @param type the only type; null for all
  /// @param before only entries below this index, newest first
  record Filter(String about, @Nullable PredicateType type, long before, int limit) {}

  /// The newest entries that the filter lets through, newest first, as the columns for search have
  /// them; what was signed is in the payload.
  static List<ListedEntry> list(Handle tx, Filter filter) {
    return tx.createQuery(
            """
            SELECT e.index, e.id, e.type, e.subjects, e.predicate, e.about, e.actor, e.recorded_at,
                   x.id AS erasure, x.index AS erasure_index, x.actor AS erased_by,
                   x.recorded_at AS erased_at, x.predicate ->> 'reason' AS erasure_reason
              FROM ledger_entry e LEFT JOIN ledger_entry x ON x.id = e.erasure
             WHERE e.index < :before
               AND (:about = '' OR e.about @> ARRAY[CAST(:about AS text)])
               AND (:type = '' OR e.type = :type)
             ORDER BY e.index DESC
             LIMIT :limit
            """)
        .bind("before", filter.before())
        .bind("about", filter.about())
        .bind("type", filter.type() == null ? "" : filter.type().uri())
        .bind("limit", Math.min(filter.limit(), MAX_PAGE))
        .map((row, _) -> new ListedEntry(entry(row), erased(row)))
        .list();
  }

  /// The entry with that index.
  static Optional<ListedEntry> find(Handle tx, long index) {
    return list(tx, new Filter("", null, index + 1, 1)).stream()
        .filter(found -> found.entry().index() == index)
        .findFirst();
  }

  /// As [#find], and keeps the entry as it is until the transaction ends.
  static Optional<ListedEntry> lock(Handle tx, long index) {
    return tx.createQuery("SELECT id FROM ledger_entry WHERE index = :index FOR UPDATE")
        .bind("index", index)
        .mapTo(UUID.class)
        .findOne()
        .flatMap(_ -> find(tx, index));
  }

  private static @Nullable Erased erased(ResultSet row) throws SQLException {
    if (row.getObject("erasure") == null) {
      return null;
    }
    long index = row.getLong("erasure_index");
    return new Erased(
        row.wasNull() ? null : index,
        row.getString("erased_by"),
        row.getTimestamp("erased_at").toInstant(),
        row.getString("erasure_reason"));
  }

  /// Entries that the log had committed to before that time.
  static long sizeBefore(Handle tx, Instant at) {
    return tx.createQuery(
            "SELECT coalesce(max(size), 0) FROM ledger_checkpoint WHERE signed_at < :at")
        .bind("at", at)
        .mapTo(Long.class)
        .one();
  }

  /// Indices of all entries from `from` on, below `end`, that have one of the references,
  /// ascending.
  static List<Long> indices(Handle tx, Collection<String> about, long from, long end) {
    return tx.createQuery(
            """
            SELECT index
              FROM ledger_entry
             WHERE index >= :from AND index < :end AND about && CAST(:about AS text[])
             ORDER BY index
             LIMIT :limit
            """)
        .bind("from", from)
        .bind("end", end)
        .bindArray("about", String.class, about)
        .bind("limit", Population.MAX_ENTRIES)
        .mapTo(Long.class)
        .list();
  }

  /// All references of the entries from `from` on, below `end`, that have one of these.
  static Set<String> related(Handle tx, Collection<String> about, long from, long end) {
    return tx.createQuery(
            """
            SELECT DISTINCT unnest(about) AS reference
              FROM ledger_entry
             WHERE index >= :from AND index < :end AND about && CAST(:about AS text[])
            """)
        .bind("from", from)
        .bind("end", end)
        .bindArray("about", String.class, about)
        .mapTo(String.class)
        .set();
  }

  /// The index of an entry, once it has one.
  static Optional<Long> index(Handle tx, UUID id) {
    return tx.createQuery("SELECT index FROM ledger_entry WHERE id = :id AND index IS NOT NULL")
        .bind("id", id)
        .mapTo(Long.class)
        .findOne();
  }

  /// What proves an entry.
  ///
  /// @param payload the signed bytes; empty once they were erased
  /// @param erasure the entry that says who erased them
  record Proof(
      long index, Optional<Bytes> payload, Bytes signature, Bytes leaf, Optional<UUID> erasure) {}

  /// What proves the entry with that index.
  static Optional<Proof> proof(Handle tx, long index) {
    return proofs(tx, index, 1).stream().filter(found -> found.index() == index).findFirst();
  }

  /// What proves the next entries from an index on.
  static List<Proof> proofs(Handle tx, long from, int limit) {
    return tx.createQuery(
            """
            SELECT index, payload, signature, leaf, erasure
              FROM ledger_entry
             WHERE index >= :from
             ORDER BY index
             LIMIT :limit
            """)
        .bind("from", from)
        .bind("limit", limit)
        .map((row, _) ->
            new Proof(
                row.getLong("index"),
                Optional.ofNullable(row.getBytes("payload")).map(Bytes::of),
                Bytes.of(row.getBytes("signature")),
                Bytes.of(row.getBytes("leaf")),
                Optional.ofNullable(row.getObject("erasure", UUID.class))))
        .list();
  }

  /// The newest checkpoint of at most that many entries.
  static String checkpointUpTo(Handle tx, long size) {
    return tx.createQuery(
            "SELECT note FROM ledger_checkpoint WHERE size <= :size ORDER BY size DESC LIMIT 1")
        .bind("size", size)
        .mapTo(String.class)
        .one();
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
