package dev.fairway.server.vault;

/// How much of everything this package takes.
final class VaultLimits {
  /// UTF-8 bytes of one value.
  static final int MAX_VALUE_BYTES = 48 << 10;

  /// Secrets of one scope, and variables of one.
  static final int MAX_PER_SCOPE = 1_000;

  static final int MAX_NAME_CHARS = 200;

  /// Keys in a ring.
  static final int MAX_KEYS = 20;

  private VaultLimits() {}
}
