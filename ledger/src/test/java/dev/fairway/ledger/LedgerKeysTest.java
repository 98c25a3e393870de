package dev.fairway.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerKeysTest {
  private final SecureRandom random = new SecureRandom();

  @Test
  void makesKeysOnceThatOnlyTheOwnerMayRead(@TempDir Path data) throws Exception {
    var folder = data.resolve("keys");
    var first = LedgerKeys.openOrCreate(folder, Samples.ORIGIN, random);
    for (var file : new String[] {LedgerKeys.SIGNING_FILE, LedgerKeys.CHECKPOINT_FILE}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file))))
          .isEqualTo("rw-------");
    }
    var again = LedgerKeys.openOrCreate(folder, "another.example.test/name", random);
    assertThat(again.trusted().pem()).isEqualTo(first.trusted().pem());
    assertThat(again.trusted().origin()).isEqualTo(Samples.ORIGIN);
    assertThat(TrustedKeys.parse(Files.readString(folder.resolve(LedgerKeys.PUBLIC_FILE))).logId())
        .isEqualTo(first.trusted().logId());
  }

  @Test
  void refusesAKeyThatOthersMayReadOrThatIsNotItsPublicHalf(@TempDir Path folder) throws Exception {
    LedgerKeys.openOrCreate(folder, Samples.ORIGIN, random);
    var file = folder.resolve(LedgerKeys.SIGNING_FILE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> LedgerKeys.openOrCreate(folder, Samples.ORIGIN, random))
        .hasMessageContaining("chmod 600");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    var other = Files.createDirectory(folder.resolve("other"));
    LedgerKeys.openOrCreate(other, Samples.ORIGIN, random);
    Files.copy(
        other.resolve(LedgerKeys.PUBLIC_FILE),
        folder.resolve(LedgerKeys.PUBLIC_FILE),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> LedgerKeys.openOrCreate(folder, Samples.ORIGIN, random))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("not the public half");
    Files.delete(file);
    assertThatThrownBy(() -> LedgerKeys.openOrCreate(folder, Samples.ORIGIN, random))
        .hasMessageContaining("is missing");
  }

  @Test
  void namesWhatIsWrongWithAPublicKeyFile() {
    var pem = Samples.KEYS.trusted().pem();
    assertThatThrownBy(() -> TrustedKeys.parse(pem.replace("Origin", "From")))
        .hasMessageContaining("Origin");
    assertThatThrownBy(() -> TrustedKeys.parse(pem + Samples.KEYS.trusted().signingPem()))
        .hasMessageContaining("one ECDSA P-256 key and one Ed25519 key");
    assertThatThrownBy(() -> TrustedKeys.parse(pem.replace("MFkw", "MFkx")))
        .hasMessageContaining("neither");
  }
}
