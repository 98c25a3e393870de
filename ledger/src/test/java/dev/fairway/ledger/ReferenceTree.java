package dev.fairway.ledger;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The definitions of RFC 9162 section 2.1, word for word and slow: MTH, PATH and PROOF over a list
/// of entries.
final class ReferenceTree {
  private record Range(int low, int high) {}

  private final List<byte[]> entries;
  private final Map<Range, Hash> known = new HashMap<>();

  ReferenceTree(List<byte[]> entries) {
    this.entries = entries;
  }

  Hash root(int size) {
    return mth(0, size);
  }

  List<Hash> inclusion(int index, int size) {
    return path(index, 0, size);
  }

  List<Hash> consistency(int oldSize, int newSize) {
    return oldSize == 0 ? List.of() : subproof(oldSize, 0, newSize, true);
  }

  private Hash mth(int low, int high) {
    var found = known.get(new Range(low, high));
    if (found != null) {
      return found;
    }
    var hash =
        switch (high - low) {
          case 0 -> sha256();
          case 1 -> sha256(new byte[] {0}, entries.get(low));
          default -> {
            int k = split(high - low);
            yield sha256(new byte[] {1}, mth(low, low + k).toArray(), mth(low + k, high).toArray());
          }
        };
    known.put(new Range(low, high), hash);
    return hash;
  }

  private List<Hash> path(int m, int low, int high) {
    if (high - low == 1) {
      return List.of();
    }
    int k = split(high - low);
    return m < k
        ? append(path(m, low, low + k), mth(low + k, high))
        : append(path(m - k, low + k, high), mth(low, low + k));
  }

  private List<Hash> subproof(int m, int low, int high, boolean whole) {
    if (m == high - low) {
      return whole ? List.of() : List.of(mth(low, high));
    }
    int k = split(high - low);
    return m <= k
        ? append(subproof(m, low, low + k, whole), mth(low + k, high))
        : append(subproof(m - k, low + k, high, false), mth(low, low + k));
  }

  private static List<Hash> append(List<Hash> hashes, Hash last) {
    var all = new ArrayList<>(hashes);
    all.add(last);
    return all;
  }

  /// The largest power of two below n.
  private static int split(int n) {
    int k = 1;
    while (k * 2 < n) {
      k *= 2;
    }
    return k;
  }

  private static Hash sha256(byte[]... parts) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      for (var part : parts) {
        digest.update(part);
      }
      return Hash.of(digest.digest());
    } catch (NoSuchAlgorithmException missing) {
      throw new AssertionError(missing);
    }
  }
}
