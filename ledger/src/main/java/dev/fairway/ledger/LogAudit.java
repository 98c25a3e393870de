package dev.fairway.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a whole log again, entry by entry, and compares what it hashes to with every stored tile
/// and with the signed checkpoint. Needs no private key.
public final class LogAudit {
  private final TileStore store;
  private final TreeHasher hasher = new TreeHasher();

  private final TreeEdge edge = new TreeEdge(hasher);

  /// By tile level, the full tiles so far.
  private final List<Long> filled = new ArrayList<>();

  private LogAudit(TileStore store) {
    this.store = store;
  }

  /// Verifies the log in `store` against the trusted keys.
  ///
  /// @return the checkpoint, which now covers nothing but entries that were read
  public static Verdict<Checkpoint> verify(TileStore store, TrustedKeys keys) {
    try {
      var note =
          store
              .read(TileStore.CHECKPOINT)
              .orElseThrow(() -> new Refusal(Flaw.FILE_MISSING, "there is no checkpoint"));
      var checkpoint = keys.checkpoint(SignedNote.parse(new String(note, StandardCharsets.UTF_8)));
      var audit = new LogAudit(store);
      for (long tile = 0; tile * Tile.FULL < checkpoint.size(); tile++) {
        audit.entries(Tile.in(checkpoint.size(), Tile.ENTRIES, tile).orElseThrow());
      }
      if (!audit.edge.root().equals(checkpoint.root())) {
        throw new Refusal(Flaw.BAD_TILE, "the entries do not lead to the checkpoint's root");
      }
      return new Verdict.Verified<>(checkpoint);
    } catch (Refusal refusal) {
      return new Verdict.Refused<>(refusal.flaw(), "log", refusal.detail());
    }
  }

  /// Whether a leaf logs these bytes of a statement: a payload beside it was not exchanged.
  public static boolean logs(Bytes leaf, Bytes payload) {
    return HashedRekord.logs(leaf, payload);
  }

  private void entries(Tile tile) throws Refusal {
    var bundle = ByteBuffer.wrap(read(tile));
    for (int entry = 0; entry < tile.width(); entry++) {
      if (bundle.remaining() < 2 || bundle.remaining() - 2 < length(bundle)) {
        throw new Refusal(Flaw.BAD_TILE, tile + " ends too early");
      }
      var bytes = new byte[bundle.getShort() & 0xffff];
      bundle.get(bytes);
      edge.push(0, hasher.leaf(bytes), this::compare);
    }
    if (bundle.hasRemaining()) {
      throw new Refusal(Flaw.BAD_TILE, tile + " holds more than its entries");
    }
  }

  private static int length(ByteBuffer bundle) {
    return bundle.getShort(bundle.position()) & 0xffff;
  }

  private void compare(int level, byte[] hashes) throws Refusal {
    while (filled.size() <= level) {
      filled.add(0L);
    }
    var tile = new Tile(level, filled.get(level), Tile.FULL);
    if (!Arrays.equals(read(tile), hashes)) {
      throw new Refusal(Flaw.BAD_TILE, tile + " holds other hashes than its entries have");
    }
    filled.set(level, tile.index() + 1);
  }

  private byte[] read(Tile tile) throws Refusal {
    return store
        .read(tile.path())
        .orElseThrow(() -> new Refusal(Flaw.FILE_MISSING, tile + " is missing"));
  }
}
