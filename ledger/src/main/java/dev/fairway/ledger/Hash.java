package dev.fairway.ledger;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// A SHA-256 value: of a file, of a leaf, or of a node of the tree.
public final class Hash {
  /// Bytes in a SHA-256 value.
  public static final int LENGTH = 32;

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{" + 2 * LENGTH + "}");

  private final Bytes value;

  private Hash(Bytes value) {
    this.value = value;
  }

  /// Copies `bytes`, which must be 32 bytes long.
  public static Hash of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException("a SHA-256 value has 32 bytes, not " + bytes.length);
    }
    return new Hash(Bytes.of(bytes));
  }

  static Hash adopt(byte[] bytes) {
    return new Hash(Bytes.adopt(bytes));
  }

  /// The SHA-256 of plain bytes, as for a file (a leaf of the tree has its own prefix: [#ofLeaf]).
  public static Hash sha256(byte[] content) {
    return adopt(new TreeHasher().plain(content));
  }

  /// The hash of a leaf of the tree, RFC 9162 section 2.1.1: `SHA-256(0x00 || entry)`.
  public static Hash ofLeaf(byte[] entry) {
    return adopt(new TreeHasher().leaf(entry));
  }

  /// The root of the empty tree: SHA-256 of nothing.
  public static Hash ofEmptyTree() {
    return sha256(new byte[0]);
  }

  /// Parses canonical Base64 of exactly 32 bytes.
  public static Optional<Hash> base64(String text) {
    return Bytes.base64(text).filter(bytes -> bytes.length() == LENGTH).map(Hash::new);
  }

  /// Parses 64 lower-case hexadecimal digits.
  public static Optional<Hash> hex(String text) {
    return HEX.matcher(text).matches()
        ? Optional.of(adopt(HexFormat.of().parseHex(text)))
        : Optional.empty();
  }

  /// A copy.
  public byte[] toArray() {
    return value.toArray();
  }

  byte[] peek() {
    return value.peek();
  }

  public String base64() {
    return value.base64();
  }

  public String hex() {
    return value.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return hex();
  }
}
