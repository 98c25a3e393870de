package dev.fairway.server.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/// Random secrets and what is kept of them.
///
/// They have 256 random bits, so that one round of SHA-256 is enough: there is nothing to guess,
/// and a lookup by the hash tells nothing about near misses.
final class Secrets {
  static final String API_TOKEN = "fwt_";
  static final String AGENT_TOKEN = "fwa_";
  static final String SESSION = "fws_";
  static final String LINK = "fwl_";

  private static final int BYTES = 32;

  private final SecureRandom random;

  Secrets(SecureRandom random) {
    this.random = random;
  }

  String next(String prefix) {
    var bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] hash(String secret) {
    return sha256(secret);
  }

  /// The value that a session's changes carry: known to who knows the session, and no way back.
  static String csrf(String session) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256("csrf of " + session));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
