package dev.fairway.ledger;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/// A SHA-256 value: of a file, of a leaf, or of a node of the tree.
public final class Hash {
  /// Bytes in a SHA-256 value.
  public static final int LENGTH = 32;

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Copies `bytes`, which must be 32 bytes long.
  public static Hash of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a SHA-256 value has 32 bytes, not " + bytes.length);
    }
    return new Hash(bytes.clone());
  }

  static Hash adopt(byte[] bytes) {
    return new Hash(bytes);
  }

  /// The SHA-256 of plain bytes, as for a file (a leaf of the tree has its own prefix: [#ofLeaf]).
  public static Hash sha256(byte[] content) {
    return new Hash(new TreeHasher().plain(content));
  }

  /// The hash of a leaf of the tree, RFC 9162 section 2.1.1: `SHA-256(0x00 || entry)`.
  public static Hash ofLeaf(byte[] entry) {
    return new Hash(new TreeHasher().leaf(entry));
  }

  /// The root of the empty tree: SHA-256 of nothing.
  public static Hash ofEmptyTree() {
    return sha256(new byte[0]);
  }

  /// Parses canonical Base64 of exactly 32 bytes.
  public static Optional<Hash> base64(String text) {
    return Bytes.base64(text).filter(b -> b.length() == LENGTH).map(b -> new Hash(b.peek()));
  }

  /// Parses 64 lower-case hexadecimal digits.
  public static Optional<Hash> hex(String text) {
    if (text.length() != 2 * LENGTH
        || !text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
      return Optional.empty();
    }
    return Optional.of(new Hash(HexFormat.of().parseHex(text)));
  }

  /// A copy.
  public byte[] toArray() {
    return bytes.clone();
  }

  byte[] peek() {
    return bytes;
  }

  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return hex();
  }
}
