package dev.fairway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class RunFolderTest {
  @Test
  void whatAKilledRunHasLeftGoesWithTheNextOneAndNotBefore() throws Exception {
    var other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = other.inputReader()) {
      var left = Path.of(said.readLine());
      var own = RunFolder.create();
      own.close();
      Eventually.holds("the own folder is gone", () -> !Files.exists(own.path()));
      assertThat(left).isNotEmptyDirectory();

      other.destroyForcibly().waitFor();
      RunFolder.create().close();

      Eventually.holds("the other folder is gone", () -> !Files.exists(left));
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void whatWasKilledBeforeItHadALockGoesOnceThatIsCertain() throws Exception {
    var old = Files.createTempDirectory("fairway-run-");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    var young = Files.createTempDirectory("fairway-run-");
    try {
      var own = RunFolder.create();
      own.close();

      Eventually.holds("the old folder is gone", () -> !Files.exists(old));
      Eventually.holds("the own folder is gone", () -> !Files.exists(own.path()));
      assertThat(young).isEmptyDirectory();
    } finally {
      Files.deleteIfExists(young);
    }
  }

  /// Holds a folder until it is killed.
  static final class Other {
    public static void main(String... arguments) throws Exception {
      System.out.println(RunFolder.create().path());
      new CountDownLatch(1).await();
    }
  }
}
