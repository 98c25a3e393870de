package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The right edge of a growing tree: by tile level, the hashes of the tile that is not full yet.
/// All that a log must remember to append and to know its root.
final class TreeEdge {
  /// Receives each tile as it fills.
  interface Full<X extends Exception> {
    void tile(int level, byte[] hashes) throws X;
  }

  private final TreeHasher hasher;
  private final List<Row> rows = new ArrayList<>();

  TreeEdge(TreeHasher hasher) {
    this.hasher = hasher;
  }

  /// Adds the next hash of a tile level, and of the levels above as tiles fill.
  <X extends Exception> void push(int level, byte[] hash, Full<X> full) throws X {
    var row = row(level);
    System.arraycopy(hash, 0, row.hashes, row.count++ * Hash.LENGTH, Hash.LENGTH);
    if (row.count == Tile.FULL) {
      row.count = 0;
      full.tile(level, row.hashes.clone());
      push(level + 1, hasher.perfect(row.hashes, 0, Tile.FULL), full);
    }
  }

  /// Sets a level to the hashes of its partial tile.
  void restore(int level, byte[] hashes) {
    var row = row(level);
    System.arraycopy(hashes, 0, row.hashes, 0, hashes.length);
    row.count = hashes.length / Hash.LENGTH;
  }

  int levels() {
    return rows.size();
  }

  /// The hashes of a level's partial tile; none when the last tile was filled.
  byte[] partial(int level) {
    var row = rows.get(level);
    return Arrays.copyOf(row.hashes, row.count * Hash.LENGTH);
  }

  /// The tree's root: folds the perfect subtrees along the edge, smallest first.
  Hash root() {
    byte[] right = new byte[0];
    for (var row : rows) {
      int end = row.count;
      while (end > 0) {
        int width = Integer.lowestOneBit(end);
        var left = hasher.perfect(row.hashes, end - width, width);
        right = right.length == 0 ? left : hasher.node(left, right);
        end -= width;
      }
    }
    return right.length == 0 ? Hash.ofEmptyTree() : Hash.adopt(right);
  }

  private Row row(int level) {
    while (rows.size() <= level) {
      rows.add(new Row());
    }
    return rows.get(level);
  }

  private static final class Row {
    private final byte[] hashes = new byte[Tile.FULL * Hash.LENGTH];
    private int count;
  }
}
