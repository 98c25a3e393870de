package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Proof that the tree of `newSize` leaves begins with exactly the `oldSize` leaves of an earlier
/// tree, so nothing in between was changed or removed (RFC 9162 section 2.1.4).
public record ConsistencyProof(long oldSize, long newSize, List<Hash> path) {
  /// One hash per level on either side of the split.
  static final int MAX_PATH = 64;

  public ConsistencyProof {
    if (oldSize < 0 || oldSize > newSize) {
      throw new IllegalArgumentException("a tree of " + oldSize + " never grows to " + newSize);
    }
    path = List.copyOf(path);
  }

  /// Whether the proof holds between two roots, each from a verified checkpoint of the proof's
  /// sizes.
  public boolean proves(Hash oldRoot, Hash newRoot) {
    if (oldSize == newSize) {
      return path.isEmpty() && oldRoot.equals(newRoot);
    }
    if (oldSize == 0) {
      return path.isEmpty() && oldRoot.equals(Hash.ofEmptyTree());
    }
    var hashes = new ArrayList<Hash>(path.size() + 1);
    if (Long.bitCount(oldSize) == 1) {
      // A perfect old tree is itself the first node; the proof leaves it out.
      hashes.add(oldRoot);
    }
    hashes.addAll(path);
    if (hashes.isEmpty()) {
      return false;
    }
    int alone = Long.numberOfTrailingZeros(oldSize);
    return walk(hashes, (oldSize - 1) >> alone, (newSize - 1) >> alone, oldRoot, newRoot);
  }

  private static boolean walk(List<Hash> hashes, long node, long last, Hash oldRoot, Hash newRoot) {
    var hasher = new TreeHasher();
    var older = hashes.getFirst().peek();
    var newer = older;
    for (var sibling : hashes.subList(1, hashes.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        older = hasher.node(sibling.peek(), older);
        newer = hasher.node(sibling.peek(), newer);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        newer = hasher.node(newer, sibling.peek());
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0
        && Arrays.equals(older, oldRoot.peek())
        && Arrays.equals(newer, newRoot.peek());
  }
}
