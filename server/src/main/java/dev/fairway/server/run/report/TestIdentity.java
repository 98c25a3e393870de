package dev.fairway.server.run.report;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/// Which test it is: within a project its suite and its name say so, and nothing else.
///
/// @param fingerprint the first 16 bytes of its digest
public record TestIdentity(UUID fingerprint, String suite, String name) {
  /// As people read it.
  public String title() {
    return suite.isEmpty() ? name : suite + "." + name;
  }

  /// SHA-256 of suite and name in UTF-8, with a zero byte between them, in hexadecimal.
  public String digest() {
    return HexFormat.of().formatHex(sha256(suite, name));
  }

  static UUID fingerprint(String suite, String name) {
    var bytes = ByteBuffer.wrap(sha256(suite, name));
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  private static byte[] sha256(String suite, String name) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(suite.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      return digest.digest(name.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
