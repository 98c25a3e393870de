package dev.fairway.server.evidence;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.ledger.Bundle;
import dev.fairway.ledger.LedgerKeys;
import dev.fairway.ledger.Log;
import dev.fairway.ledger.ProvenEntry;
import dev.fairway.ledger.Verdict;
import dev.fairway.server.db.Database;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Reads the ledger: entries, and their proofs under its newest checkpoint.
final class LedgerReader {
  private final Database database;
  private final LedgerKeys keys;
  private final InstantSource clock;

  LedgerReader(Database database, LedgerKeys keys, InstantSource clock) {
    this.database = database;
    this.keys = keys;
    this.clock = clock;
  }

  PostgresTileStore tiles(Handle tx) {
    return new PostgresTileStore(tx, clock.instant());
  }

  Log log(Handle tx) {
    return Log.open(tiles(tx), keys);
  }

  /// The bundle of one entry, under the checkpoint of `log`.
  Bundle bundle(Handle tx, Log log, long index) {
    var proof = Entries.proof(tx, index).orElseThrow(() -> missing(index));
    return new Bundle(
        keys.envelope(proof.payload(), proof.signature()),
        proof.leaf(),
        log.inclusion(index, log.size()),
        log.root(),
        keys.trusted().logId(),
        log.checkpoint());
  }

  /// A page of entries and the size of the log.
  record Listing(List<LedgerEntry> entries, long size) {}

  Listing list(Entries.Filter filter) {
    return database.read(tx -> new Listing(Entries.list(tx, filter), Entries.size(tx)));
  }

  /// One entry, its bundle, and what verifying that bundle just now gave.
  record Shown(LedgerEntry entry, String bundle, Verdict<ProvenEntry> verdict) {}

  Shown show(long index) {
    return database.read(tx -> {
      var filter = new Entries.Filter("", null, index + 1, 1);
      var entry =
          Entries.list(tx, filter).stream()
              .filter(found -> found.index() == index)
              .findFirst()
              .orElseThrow(() -> missing(index));
      var bundle = bundle(tx, log(tx), index).json();
      var verdict = Bundle.verify(bundle.getBytes(StandardCharsets.UTF_8), keys.trusted());
      return new Shown(entry, bundle, verdict);
    });
  }

  private static FairwayException missing(long index) {
    return new FairwayException(
        ErrorCode.NOT_FOUND,
        "The ledger has no entry " + index,
        "Entries are numbered from 0; the list shows the newest ones.");
  }
}
