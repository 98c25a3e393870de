package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ZipCheckTest {
  @TempDir Path folder;

  private int check(byte[] zip) {
    try {
      return ZipCheck.check(Files.write(folder.resolve("a.zip"), zip));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertRefused(byte[] zip, ErrorCode code, String why) {
    assertThatThrownBy(() -> check(zip))
        .isInstanceOfSatisfying(FairwayException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(why);
  }

  @Test
  void takesFilesAndFolders() {
    assertThat(check(Zips.of("a.txt", "x", "dir/", "", "dir/b..c", "y"))).isEqualTo(3);
    assertThat(check(Zips.of())).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "./x",
        "..",
        "a\\..\\x",
        "C:/x",
        "a\u0001b",
        "a/."
      })
  void refusesNamesThatLeadOutOfTheFolder(String name) {
    assertRefused(Zips.of(name, "x"), ErrorCode.UNPROCESSABLE, "leads out of its folder");
  }

  @Test
  void refusesALink() {
    var zip = Zips.of("link", "/etc/passwd");
    int attributes = Zips.directory(zip) + 38;
    zip[attributes + 3] = (byte) (0120000 >>> 8);

    assertRefused(zip, ErrorCode.UNPROCESSABLE, "is a link or a device");
  }

  @Test
  void refusesANameThatDiffersWhereTheContentIs() {
    var zip = Zips.of("safe-name", "x");
    zip[30] = '/';

    assertRefused(zip, ErrorCode.UNPROCESSABLE, "has another name where its content is");
  }

  @Test
  void refusesANameThatOccursTwice() {
    var zip = Zips.replace(Zips.of("one", "x", "two", "y"), "two", "one");

    assertRefused(zip, ErrorCode.UNPROCESSABLE, "is in it twice");
  }

  @Test
  void refusesDamagedContent() {
    var zip = Zips.of("a", "some longer text, some longer text");
    int crc = Zips.directory(zip) + 16;
    zip[crc] ^= 1;

    assertRefused(zip, ErrorCode.UNPROCESSABLE, "damaged");
  }

  @Test
  void refusesWhatIsNoZip() {
    assertRefused("hello".repeat(20).getBytes(UTF_8), ErrorCode.UNPROCESSABLE, "not a zip");
    assertRefused(new byte[0], ErrorCode.UNPROCESSABLE, "not a zip");
    var cut = Zips.of("a", "x");
    assertRefused(Arrays.copyOf(cut, cut.length - 1), ErrorCode.UNPROCESSABLE, "zip");
  }

  @Test
  void refusesAZipThatUnpacksToFarMoreThanItIs() {
    assertRefused(
        Zips.ofZeros(ArtifactLimits.FREE_UNPACKED_BYTES + (1 << 20)),
        ErrorCode.TOO_LARGE,
        "times what it is packed");
  }
}
