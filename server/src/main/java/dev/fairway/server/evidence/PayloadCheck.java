package dev.fairway.server.evidence;

import dev.fairway.ledger.Flaw;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.LogAudit;
import dev.fairway.ledger.Proven;
import dev.fairway.ledger.Verdict;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Compares what is stored beside the leaves with them: each payload is the one that its leaf logs,
/// the columns for search say what the payload says, and a payload that is not there was erased by
/// somebody who said so in the ledger.
final class PayloadCheck {
  /// Entries that are in memory at once.
  private static final int BATCH = 500;

  private final Handle tx;
  private final LedgerReader reader;
  private final Log log;

  PayloadCheck(Handle tx, LedgerReader reader) {
    this.tx = tx;
    this.reader = reader;
    this.log = reader.log(tx);
  }

  /// The first thing that is wrong in the entries below `end`, whose leaves are those of the tree.
  Optional<String> firstFlaw(long end) {
    for (long from = 0; from < end; from += BATCH) {
      var batch = Entries.proofs(tx, from, BATCH);
      var flaw = batch.stream().flatMap(stored -> flaw(stored).stream()).findFirst();
      // Only payloads that were compared with their leaves are known to be readable.
      flaw = flaw.or(() -> unfaithful(batch));
      if (flaw.isPresent()) {
        return flaw;
      }
    }
    return Optional.empty();
  }

  private Optional<String> flaw(Entries.Proof stored) {
    if (stored.payload().isPresent()) {
      return LogAudit.logs(stored.leaf(), stored.payload().get())
          ? Optional.empty()
          : flaw(stored.index(), Flaw.WRONG_ENTRY.meaning());
    }
    if (stored.erasure().isEmpty()) {
      return flaw(stored.index(), Flaw.PAYLOAD_MISSING.meaning());
    }
    return reader
        .proof(tx, log, stored.index())
        .flatMap(proof ->
            switch (reader.verify(proof)) {
              case Verdict.Verified<Proven> _ -> Optional.empty();
              case Verdict.Refused<Proven> refused -> flaw(stored.index(), refused.message());
            });
  }

  /// The first entry of which the columns for search say something else than its payload.
  private Optional<String> unfaithful(List<Entries.Proof> batch) {
    if (batch.isEmpty()) {
      return Optional.empty();
    }
    return tx.createQuery(
            """
            SELECT index
              FROM ledger_entry,
                   LATERAL (SELECT CAST(convert_from(payload, 'UTF8') AS jsonb) AS said) AS s,
                   LATERAL (SELECT said -> 'https://fairway.dev/attestation/context/v1' AS context,
                                   ARRAY(SELECT jsonb_array_elements_text(
                                       said -> 'https://fairway.dev/attestation/context/v1'
                                            -> 'about')) AS concerned,
                                   (SELECT jsonb_agg(jsonb_build_object(
                                               'name', one -> 'name',
                                               'digest', jsonb_build_object(
                                                   one ->> 'algorithm', one -> 'digest'))
                                           ORDER BY place)
                                      FROM jsonb_array_elements(subjects)
                                           WITH ORDINALITY AS each (one, place)) AS named) AS c
             WHERE index BETWEEN :first AND :last AND payload IS NOT NULL
               AND NOT (said ->> 'predicateType' = type
                        AND said -> 'predicate' = predicate
                        AND said -> 'subject' = named
                        AND context ->> 'actor' = actor
                        AND CAST(context ->> 'at' AS timestamptz) = recorded_at
                        AND concerned @> about AND about @> concerned)
             ORDER BY index
             LIMIT 1
            """)
        .bind("first", batch.getFirst().index())
        .bind("last", batch.getLast().index())
        .mapTo(Long.class)
        .findOne()
        .flatMap(index -> flaw(index, "what is shown in lists is not what was signed"));
  }

  private static Optional<String> flaw(long index, String what) {
    return Optional.of("entry " + index + ": " + what);
  }
}
