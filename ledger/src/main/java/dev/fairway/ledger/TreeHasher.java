package dev.fairway.ledger;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// SHA-256 with the domain separation of RFC 9162 section 2.1.1: without the prefixes, an inner
/// node could be passed off as a leaf. Keeps one digest for speed, so it belongs to one thread.
final class TreeHasher {
  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final MessageDigest digest;

  TreeHasher() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }

  byte[] plain(byte[] content) {
    return digest.digest(content);
  }

  byte[] leaf(byte[] entry) {
    digest.update(LEAF);
    return digest.digest(entry);
  }

  byte[] node(byte[] left, byte[] right) {
    digest.update(NODE);
    digest.update(left);
    return digest.digest(right);
  }

  /// The root of the perfect subtree over `count` (a power of two) hashes that lie one after the
  /// other in `hashes` from hash number `first` on.
  byte[] perfect(byte[] hashes, int first, int count) {
    var level = new byte[count * Hash.LENGTH];
    System.arraycopy(hashes, first * Hash.LENGTH, level, 0, level.length);
    try {
      for (int width = count; width > 1; width /= 2) {
        for (int pair = 0; pair < width / 2; pair++) {
          digest.update(NODE);
          digest.update(level, pair * 2 * Hash.LENGTH, 2 * Hash.LENGTH);
          digest.digest(level, pair * Hash.LENGTH, Hash.LENGTH);
        }
      }
    } catch (DigestException impossible) {
      throw new IllegalStateException("32 bytes hold a SHA-256 value", impossible);
    }
    return Arrays.copyOf(level, Hash.LENGTH);
  }
}
