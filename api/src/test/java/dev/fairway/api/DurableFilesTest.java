package dev.fairway.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFilesTest {
  @TempDir private Path folder;

  @Test
  void aReplacedFileIsWhollyNewAndItsOwnersAlone() throws IOException {
    var file = folder.resolve("token");
    Files.writeString(file, "a long old secret");

    DurableFiles.replace(file, "new".getBytes(UTF_8));

    assertThat(file).hasContent("new");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(folder).isDirectoryNotContaining(other -> !other.equals(file));
  }

  @Test
  void whatACrashLeftHalfWrittenIsInNobodysWay() throws IOException {
    Files.writeString(folder.resolve("token.tmp"), "half");

    DurableFiles.replace(folder.resolve("token"), "whole".getBytes(UTF_8));

    assertThat(folder.resolve("token")).hasContent("whole");
  }

  @Test
  void deletingAFolderLeavesWhatItsLinksPointTo() throws IOException {
    var kept = Files.writeString(folder.resolve("kept"), "kept");
    var gone = Files.createDirectories(folder.resolve("gone/below"));
    Files.createSymbolicLink(gone.resolve("link"), kept);
    Files.createSymbolicLink(gone.resolve("up"), folder);

    DurableFiles.delete(folder.resolve("gone"));
    DurableFiles.delete(folder.resolve("never was"));

    assertThat(folder.resolve("gone")).doesNotExist();
    assertThat(kept).hasContent("kept");
  }
}
