package dev.fairway.server.evidence;

import dev.fairway.ledger.Tile;
import dev.fairway.ledger.TileStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The log's files as rows, in the transaction of a handle: tiles and checkpoint become visible
/// together with the entries' indices, or not at all.
///
/// Reads are safe beside a writer: rows only ever grow, and a narrower tile is a prefix.
final class PostgresTileStore implements TileStore {
  private static final int HASH_BYTES = 32;

  private final Handle tx;
  private final Instant now;

  /// @param now when a checkpoint that is written was signed
  PostgresTileStore(Handle tx, Instant now) {
    this.tx = tx;
    this.now = now;
  }

  @Override
  public Optional<byte[]> read(String path) {
    if (path.equals(CHECKPOINT)) {
      return newestCheckpoint().map(note -> note.getBytes(StandardCharsets.UTF_8));
    }
    return Tile.parse(path)
        .flatMap(tile -> tile.level() == Tile.ENTRIES ? entries(tile) : hashes(tile));
  }

  private Optional<String> newestCheckpoint() {
    return tx.createQuery("SELECT note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
        .mapTo(String.class)
        .findOne();
  }

  private Optional<byte[]> hashes(Tile tile) {
    return tx.createQuery("SELECT hashes FROM ledger_tile WHERE level = :level AND index = :index")
        .bind("level", tile.level())
        .bind("index", tile.index())
        .mapTo(byte[].class)
        .findOne()
        .filter(hashes -> hashes.length >= tile.width() * HASH_BYTES)
        .map(hashes -> Arrays.copyOf(hashes, tile.width() * HASH_BYTES));
  }

  private Optional<byte[]> entries(Tile tile) {
    long first = tile.index() * Tile.FULL;
    var leaves =
        tx.createQuery(
                """
                SELECT leaf
                  FROM ledger_entry
                 WHERE index >= :first AND index < :end
                 ORDER BY index
                """)
            .bind("first", first)
            .bind("end", first + tile.width())
            .mapTo(byte[].class)
            .list();
    if (leaves.size() < tile.width()) {
      return Optional.empty();
    }
    var bundle = new ByteArrayOutputStream();
    for (var leaf : leaves) {
      bundle.write(leaf.length >>> 8);
      bundle.write(leaf.length);
      bundle.writeBytes(leaf);
    }
    return Optional.of(bundle.toByteArray());
  }

  @Override
  public void write(Map<String, byte[]> files) {
    for (var file : files.entrySet()) {
      if (file.getKey().equals(CHECKPOINT)) {
        writeCheckpoint(new String(file.getValue(), StandardCharsets.UTF_8));
      } else {
        // Entry bundles are read from the entries' own rows.
        Tile.parse(file.getKey())
            .filter(tile -> tile.level() != Tile.ENTRIES)
            .ifPresent(tile -> writeHashes(tile, file.getValue()));
      }
    }
  }

  private void writeHashes(Tile tile, byte[] hashes) {
    tx.createUpdate(
            """
            INSERT INTO ledger_tile (level, index, hashes)
            VALUES (:level, :index, :hashes)
            ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
            """)
        .bind("level", tile.level())
        .bind("index", tile.index())
        .bind("hashes", hashes)
        .execute();
  }

  private void writeCheckpoint(String note) {
    long size = Long.parseLong(note.split("\n", 3)[1]);
    tx.createUpdate(
            """
            INSERT INTO ledger_checkpoint (size, note, signed_at)
            VALUES (:size, :note, :at)
            ON CONFLICT (size) DO NOTHING
            """)
        .bind("size", size)
        .bind("note", note)
        .bind("at", now)
        .execute();
  }
}
