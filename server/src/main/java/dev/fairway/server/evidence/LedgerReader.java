package dev.fairway.server.evidence;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.ledger.Bundle;
import dev.fairway.ledger.EntryProof;
import dev.fairway.ledger.ErasedEntry;
import dev.fairway.ledger.Flaw;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.Proven;
import dev.fairway.ledger.ProvenEntry;
import dev.fairway.ledger.ProvenErasure;
import dev.fairway.ledger.TrustedKeys;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.Database;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// Reads the ledger: entries, and their proofs under its newest checkpoint.
final class LedgerReader {
  /// What is said of an entry whose proof holds.
  static final String VERIFIED = "verified";

  /// What is said of an entry whose payload was erased, and that is proven.
  static final String ERASED = "erased";

  private final Database database;
  private final LedgerKeys keys;
  private final InstantSource clock;

  LedgerReader(Database database, LedgerKeys keys, InstantSource clock) {
    this.database = database;
    this.keys = keys;
    this.clock = clock;
  }

  TrustedKeys trustedKeys() {
    return keys.trusted();
  }

  PostgresTileStore tiles(Handle tx) {
    return new PostgresTileStore(tx, clock.instant());
  }

  Log log(Handle tx) {
    return Log.open(tiles(tx), keys);
  }

  /// The proof of one entry, under the checkpoint of `log`; empty for the moment in which the
  /// statement of its erasure has no place in the log yet.
  Optional<EntryProof> proof(Handle tx, Log log, long index) {
    var stored = Entries.proof(tx, index).orElseThrow(() -> missing(index));
    if (stored.payload().isPresent()) {
      return Optional.of(bundle(log, stored));
    }
    return statement(tx, log, stored.erasure().orElseThrow(() -> lost(index)))
        .map(erasure -> new ErasedEntry(log.logged(index, stored.leaf()), erasure));
  }

  private Bundle bundle(Log log, Entries.Proof stored) {
    var payload = stored.payload().orElseThrow(() -> lost(stored.index()));
    return new Bundle(
        keys.envelope(payload, stored.signature()), log.logged(stored.index(), stored.leaf()));
  }

  private Optional<Bundle> statement(Handle tx, Log log, UUID id) {
    return Entries.index(tx, id)
        .filter(index -> index < log.size())
        .map(index -> bundle(log, Entries.proof(tx, index).orElseThrow(() -> missing(index))));
  }

  /// A page of entries and the size of the log.
  record Listing(List<ListedEntry> entries, long size) {}

  Listing list(Entries.Filter filter) {
    return database.read(tx -> new Listing(Entries.list(tx, filter), Entries.size(tx)));
  }

  /// One entry, its proof, and what verifying that proof just now gave.
  ///
  /// @param listed in the words that were signed, where the proof holds
  /// @param standing [#VERIFIED], [#ERASED], or the first thing that is wrong
  record Shown(ListedEntry listed, Optional<EntryProof> proof, String standing) {}

  Shown show(long index) {
    return database.read(tx -> {
      var listed = Entries.find(tx, index).orElseThrow(() -> missing(index));
      if (listed.erased() == null && Entries.proof(tx, index).orElseThrow().payload().isEmpty()) {
        return new Shown(listed, Optional.empty(), Flaw.PAYLOAD_MISSING.meaning());
      }
      var proof = proof(tx, log(tx), index);
      return proof
          .map(found -> judged(listed, found))
          .orElseGet(() -> new Shown(listed, Optional.empty(), ERASED));
    });
  }

  /// What verifying a proof gives.
  Verdict<Proven> verify(EntryProof proof) {
    return EntryProof.verify(proof.json().getBytes(StandardCharsets.UTF_8), keys.trusted());
  }

  private Shown judged(ListedEntry listed, EntryProof proof) {
    var found = Optional.of(proof);
    return switch (verify(proof)) {
      case Verdict.Refused<Proven> refused -> new Shown(listed, found, refused.message());
      case Verdict.Verified<Proven>(ProvenEntry proven) ->
          new Shown(new ListedEntry(signed(listed.entry(), proven), null), found, VERIFIED);
      case Verdict.Verified<Proven>(ProvenErasure proven) ->
          new Shown(new ListedEntry(listed.entry(), erased(proven)), found, ERASED);
    };
  }

  /// The entry as it was signed: the columns beside the payload are for search, and prove nothing.
  private static LedgerEntry signed(LedgerEntry entry, ProvenEntry proven) {
    var statement = proven.statement();
    var context = statement.context();
    return new LedgerEntry(
        proven.index(),
        entry.id(),
        PredicateType.ofUri(statement.predicateType()),
        statement.subjects().stream()
            .flatMap(subject ->
                subject.digest().entrySet().stream()
                    .map(digest -> new Subject(subject.name(), digest.getKey(), digest.getValue())))
            .toList(),
        Json.MAPPER.readTree(statement.predicate()),
        Set.copyOf(context.about()),
        context.actor(),
        context.at());
  }

  private static Erased erased(ProvenErasure proven) {
    var context = proven.by().statement().context();
    return new Erased(
        proven.by().index(), context.actor(), context.at(), proven.erasure().reason());
  }

  static FairwayException missing(long index) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "The ledger has no entry " + index,
        "Entries are numbered from 0; the list shows the newest ones.");
  }

  private static FairwayException lost(long index) {
    return new FairwayException(
        ErrorCode.INTERNAL,
        "Entry " + index + ": " + Flaw.PAYLOAD_MISSING.meaning(),
        "Somebody changed the database; restore the row from a backup.");
  }
}
