package dev.fairway.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnrelatedFoldersTest {
  @TempDir Path folder;

  @Test
  void ext4HearsThatTheFoldersOfJobsHaveNothingToDoWithEachOther() throws Exception {
    assumeTrue(Files.getFileStore(folder).type().startsWith("ext"), "another file system");

    UnrelatedFolders.in(List.of(folder));

    Jobs.await("the attribute is there", () -> attributes().contains("T"));
  }

  private String attributes() {
    try {
      var process = new ProcessBuilder("lsattr", "-d", folder.toString()).start();
      return new String(process.getInputStream().readAllBytes(), UTF_8).split(" ", 2)[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
