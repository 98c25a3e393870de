package dev.fairway.server.identity;

/// What one guess at a password costs who has stolen the hashes: the parameters of Argon2id, with
/// one lane. Each hash carries its own, so raising them leaves earlier ones valid.
public record HashingCost(int memoryKib, int iterations) {
  /// OWASP's Password Storage Cheat Sheet (2025).
  public static final HashingCost RECOMMENDED = new HashingCost(19_456, 2);
}
