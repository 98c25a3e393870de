package dev.fairway.ledger;

import java.util.List;
import java.util.Optional;

/// Proof that the tree of `size` leaves holds a certain leaf at `index` (RFC 9162 section 2.1.3).
///
/// @param index number of the leaf, from 0
/// @param size leaves in the tree; more than `index`
/// @param path sibling hashes from the leaf's up to the root's children
public record InclusionProof(long index, long size, List<Hash> path) {
  /// A tree of 2^63 leaves is 63 levels high.
  static final int MAX_PATH = 63;

  public InclusionProof {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("leaf " + index + " is not in a tree of " + size);
    }
    path = List.copyOf(path);
  }

  /// The root that this proof leads to from a leaf hash; empty when the path is too short or too
  /// long for the tree. Only a comparison with a root from a verified checkpoint proves anything.
  public Optional<Hash> root(Hash leaf) {
    var hasher = new TreeHasher();
    long node = index;
    long last = size - 1;
    var hash = leaf.peek();
    for (var sibling : path) {
      if (last == 0) {
        return Optional.empty();
      }
      if ((node & 1) == 1 || node == last) {
        hash = hasher.node(sibling.peek(), hash);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        hash = hasher.node(hash, sibling.peek());
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 ? Optional.of(Hash.adopt(hash)) : Optional.empty();
  }
}
