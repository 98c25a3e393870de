package dev.fairway.server.vault;

import dev.fairway.server.evidence.Evidence;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/// A vault whose key is of no use elsewhere.
public final class TestVault {
  private TestVault() {}

  public static Vault over(Evidence evidence) {
    return new Vault(evidence, InstantSource.system(), keys());
  }

  /// Sets a secret or variable for all projects.
  public static void give(Handle tx, Vault vault, String kind, String name, String value) {
    vault.set(
        tx, Kind.valueOf(kind.toUpperCase(Locale.ROOT)), Scope.ORGANISATION, name, value, "ada");
  }

  public static SecretKeys keys() {
    var random = new SecureRandom();
    var bytes = new byte[32];
    random.nextBytes(bytes);
    return SecretKeys.given(Base64.getEncoder().encodeToString(bytes), random);
  }
}
