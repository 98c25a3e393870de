package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WholePathTest extends SystemTest {
  @TempDir private Path folder;

  @Test
  void aCommitGoesToProductionAndBackAndEveryStepIsProvenOffline() throws IOException {
    var project = SampleProject.withService(up, ada, "harbour").page("one");
    project.push("Show one");
    var first = delivered(project, 1);
    var production = project.deployment(first, "production", "waiting_approval");

    assertThatThrownBy(() -> approve(ada, production))
        .isInstanceOfSatisfying(
            FairwayException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN))
        .hasMessageContaining("nobody decides over their own change");
    approve(mia, production);
    project.deployment(first, "production", "succeeded");
    assertThat(project.shown("production")).isEqualTo("one");

    project.page("two").push("Show two");
    var second = delivered(project, 2);
    assertThat(project.shown("staging")).isEqualTo("two");
    assertThat(project.shown("production")).isEqualTo("one");
    approve(mia, project.deployment(second, "production", "waiting_approval"));
    project.deployment(second, "production", "succeeded");
    assertThat(project.shown("production")).isEqualTo("two");

    var rollback =
        mia.api()
            .post(
                "/api/v1/rollbacks",
                Map.of(
                    "environment", "production",
                    "service", "harbour",
                    "reason", "Two is too many"))
            .path("id")
            .asString();
    Eventually.holds(
        "The rollback",
        () ->
            mia.api()
                .get("/api/v1/deployments/" + rollback)
                .path("deployment")
                .path("state")
                .asString()
                .equals("succeeded"));
    assertThat(project.shown("production")).isEqualTo("one");

    provesOffline(first, second);
  }

  private static String delivered(SampleProject project, int number) {
    var run = project.endedRun(number);
    assertThat(run.path("run").path("outcome").asString()).as(run.toString()).isEqualTo("success");
    assertThat(run.path("tests").path("passed").asInt()).isEqualTo(1);
    var release = project.release(number);
    project.deployment(release, "staging", "succeeded");
    return release;
  }

  private void provesOffline(String first, String second) throws IOException {
    var pack = folder.resolve("evidence.zip");
    var key = folder.resolve("ledger-public.pem");
    try (var in = mia.api().open("/ledger/ledger-public.pem")) {
      Files.copy(in, key);
    }
    var about = ApiClient.segment("release:" + first + ",release:" + second);
    try (var in = mia.api().open("/api/v1/evidence/pack?about=" + about)) {
      Files.copy(in, pack);
    }

    var verified = MainTest.execute("evidence", "verify", pack.toString(), "--key", key.toString());
    assertThat(verified.exit()).as(verified.out() + verified.err()).isEqualTo(ExitCode.SUCCESS);
    assertThat(verified.out()).contains("VERIFIED").contains("mia").contains("ada");

    var forged = folder.resolve("forged.zip");
    var flipped = flipAByteOfTheFirstBundle(pack, forged);
    var refused =
        MainTest.execute("evidence", "verify", forged.toString(), "--key", key.toString());
    assertThat(refused.exit()).isEqualTo(ExitCode.WORK_FAILED);
    assertThat(refused.out()).contains("REFUSED").contains(flipped);
  }

  private static String flipAByteOfTheFirstBundle(Path pack, Path forged) throws IOException {
    var flipped = "";
    try (var in = new ZipFile(pack.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(forged))) {
      for (var entry : in.stream().toList()) {
        var bytes = in.getInputStream(entry).readAllBytes();
        if (flipped.isEmpty() && entry.getName().startsWith("entries/")) {
          flipped = entry.getName();
          bytes[bytes.length / 2] ^= 1;
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(bytes);
      }
    }
    assertThat(flipped).isNotEmpty();
    return flipped;
  }
}
