package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArtifactsTest {
  @TempDir Path temporary;
  private Path workspace;
  private ArtifactFiles files;

  @BeforeEach
  void fill() throws IOException {
    workspace = Files.createDirectory(temporary.toRealPath().resolve("work"));
    for (var name :
        List.of(
            "target/a.jar", "target/reports/one.xml", "target/reports/two.xml", "src/.x/y.txt")) {
      var file = workspace.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name.repeat(100));
    }
    files = new ArtifactFiles(workspace, List.of(workspace));
  }

  @Test
  void namesAreRelativeToWhatThePathsHaveInCommon() throws IOException {
    assertThat(files.find("target/a.jar", false)).containsOnlyKeys("a.jar");
    assertThat(files.find("target/reports/*.xml", false)).containsOnlyKeys("one.xml", "two.xml");
    assertThat(files.find("target", false).keySet())
        .containsExactly("a.jar", "reports/one.xml", "reports/two.xml");
    assertThat(files.find("target/a.jar\ntarget/reports", false).keySet())
        .containsExactly("a.jar", "reports/one.xml", "reports/two.xml");
    assertThat(files.find("**/*.xml\n!**/two.*", false)).containsOnlyKeys("target/reports/one.xml");
    assertThat(files.find("src", false)).isEmpty();
    assertThat(files.find("src", true)).containsOnlyKeys(".x/y.txt");
  }

  @Test
  void whatLiesOutsideIsRefused() throws IOException {
    Files.createSymbolicLink(workspace.resolve("target/out"), Path.of("/etc"));

    assertThatThrownBy(() -> files.find("../secret", false)).hasMessageContaining("outside");
    assertThatThrownBy(() -> files.find("/etc/passwd", false)).hasMessageContaining("outside");
    assertThatThrownBy(() -> files.find("target", false)).hasMessageContaining("leaves");
  }

  @Test
  void whatLiesTooDeepIsRefusedAndNotLeftOut() throws IOException {
    Files.createDirectories(workspace.resolve("deep/" + "d/".repeat(64)));

    assertThatThrownBy(() -> files.find("deep", false)).hasMessageContaining("64 folders");
    assertThat(files.find("deep\ntarget/a.jar\n!deep/d/**", false)).hasSize(1);
  }

  @Test
  void aZipWithAFileThatIsAlsoAFolderIsRefused() throws IOException {
    var zip = temporary.resolve("both.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (var name : List.of("a", "a/b")) {
        out.putNextEntry(new ZipEntry(name));
      }
    }
    var into = Files.createDirectory(temporary.resolve("into"));

    assertThatThrownBy(() -> Unzip.into(zip, into, 1 << 20))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("as a file and as a folder");
  }

  @Test
  void theSameFilesMakeTheSameBytesWhateverTheirTimes() throws IOException {
    var first = pack("first.zip");
    try (var all = Files.walk(workspace)) {
      for (var file : all.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
      }
    }

    assertThat(pack("second.zip")).hasSameBinaryContentAs(first);
  }

  @Test
  void otherToolsReadTheZip() throws Exception {
    var zip = pack("test.zip");
    var process = new ProcessBuilder("python3", "-m", "zipfile", "-t", zip.toString()).start();

    assertThat(process.waitFor()).isZero();
    try (var archive = new ZipFile(zip.toFile())) {
      assertThat(archive.size()).isEqualTo(3);
      assertThat(
              new String(
                  archive.getInputStream(archive.getEntry("a.jar")).readAllBytes(),
                  StandardCharsets.UTF_8))
          .isEqualTo("target/a.jar".repeat(100));
    }
  }

  @Test
  void anArtifactBeyondItsLimitIsRefused() {
    assertThatThrownBy(
            () -> files.pack(files.find("target", false), temporary.resolve("x.zip"), 0, 500))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("more than 500 bytes as a zip");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "./x", "a\0b"})
  void aZipThatClimbsWritesNothing(String name) throws IOException {
    var zip = temporary.resolve("evil.zip");
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("good.txt"));
      out.putNextEntry(new ZipEntry(name));
      out.write(1);
    }
    var target = Files.createDirectory(temporary.resolve("target"));

    assertThatThrownBy(() -> Unzip.into(zip, target, 1_000_000))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("refused");
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void aZipThatGrowsBeyondItsLimitIsRefused() throws IOException {
    var zip = temporary.resolve("bomb.zip");
    try (var writer = new ZipWriter(zip, 9, 1_000_000)) {
      writer.add("zeros", 0644, new ByteArrayInputStream(new byte[1_000_000]));
    }
    var target = Files.createDirectory(temporary.resolve("target"));

    assertThatThrownBy(() -> Unzip.into(zip, target, 999_999)).hasMessageContaining("999999");
  }

  private Path pack(String name) throws IOException {
    var zip = temporary.resolve(name);
    files.pack(files.find("target", false), zip, 6, 1_000_000);
    return zip;
  }

  @Test
  void whatCannotBeReadToItsEndIsRefusedBeforeItIsOpened() throws Exception {
    var pipe = workspace.resolve("target/pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> files.find("target", false))
        .hasMessageContaining("is neither a file nor a folder");
    assertThat(files.find("target\n!target/pipe", false)).hasSize(3);
  }

  @Test
  void linksToNothingAndLinksInACircleAreTheUsersToMend() throws IOException {
    var link = Files.createSymbolicLink(workspace.resolve("target/gone"), Path.of("nowhere"));
    assertThatThrownBy(() -> files.find("target", false))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("is a link to nothing");
    Files.delete(link);
    Files.createSymbolicLink(workspace.resolve("target/circle"), Path.of("."));

    assertThatThrownBy(() -> files.find("target", false))
        .isInstanceOf(FairwayException.class)
        .hasMessageContaining("is a link into a folder that it lies in");
  }
}
