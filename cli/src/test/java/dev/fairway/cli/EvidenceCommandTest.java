package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.ledger.LedgerKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvidenceCommandTest {
  @TempDir private Path folder;

  private Path key() throws Exception {
    var keys = LedgerKeys.generate("ledger.example.test/cli", new SecureRandom());
    return Files.writeString(folder.resolve("ledger-public.pem"), keys.trusted().pem());
  }

  @Test
  void evidenceThatDoesNotHoldIsFailedWorkAndNamesTheFirstFlaw() throws Exception {
    var bundle = Files.writeString(folder.resolve("bundle.json"), "{\"mediaType\":\"text/plain\"}");

    var result =
        MainTest.execute(
            "evidence", "verify", bundle.toString(), "--key", key().toString(), "--json");

    assertThat(result.exit()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(result.out()).contains("\"flaw\" : \"unsupported\"");
  }

  @Test
  void aFileThatIsNoArchiveIsRefusedByName() throws Exception {
    var pack = Files.writeString(folder.resolve("pack.zip"), "no zip");

    var result = MainTest.execute("evidence", "verify", pack.toString(), "--key", key().toString());

    assertThat(result.exit()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(result.out()).contains("REFUSED archive");
  }

  @Test
  void aMissingFileOrAKeyFileThatIsNoneIsBadInput() throws Exception {
    var missing = folder.resolve("missing.zip").toString();
    var noKey = Files.writeString(folder.resolve("key.pem"), "nothing");

    assertThat(MainTest.execute("evidence", "verify", missing, "--key", key().toString()).exit())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(MainTest.execute("evidence", "verify", missing, "--key", noKey.toString()).err())
        .contains("Origin");
  }

  @Test
  void anErasureNeedsAReason() {
    var result = MainTest.execute("evidence", "erase", "12");

    assertThat(result.exit()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(result.err()).contains("--reason");
  }
}
