package dev.fairway.server.delivery.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseStoreTest {
  @TempDir Path folder;
  private ReleaseStore store;

  @BeforeEach
  void open() throws IOException {
    store = new ReleaseStore(folder, InstantSource.system());
  }

  @Test
  void unpacksTheFilesOfAllArtifactsIntoOneFolderNamedByDigest() throws Exception {
    var code = Zips.artifact("code", Zips.zip("bin/run", "#!/bin/sh\n"));
    var data = Zips.artifact("data", Zips.zip("data/list.txt", "1,2,3"));
    var release = store.unpack(List.of(code, data));
    assertThat(release.folder()).isEqualTo(folder.resolve(release.digest()));
    assertThat(release.folder().resolve("data/list.txt")).hasContent("1,2,3");
    assertThat(Files.isExecutable(release.folder().resolve("bin/run"))).isTrue();
    assertThat(ReleaseStore.digest(List.of(data, code))).isEqualTo(release.digest());
    assertThat(store.unpack(List.of(code, data))).isEqualTo(release);
  }

  @Test
  void refusesAnArtifactWhoseBytesAreNotThoseOfItsDigest() throws Exception {
    var zip = Zips.zip("a", "a");
    var forged = new ArtifactZip("a", "0".repeat(64), () -> new ByteArrayInputStream(zip));
    assertRefused(forged, ErrorCode.UNPROCESSABLE, "has the digest");
  }

  @Test
  void refusesNamesThatLeaveTheFolder() throws Exception {
    for (var name : List.of("../a", "a/../../b", "/etc/passwd", "a//b", "./a", "a\\b", "a/\nb")) {
      var artifact = Zips.artifact("evil", Zips.zip(name, "x"));
      assertRefused(artifact, ErrorCode.UNPROCESSABLE, "artifact evil cannot be unpacked");
    }
  }

  @Test
  void refusesLinksAndDevices() throws Exception {
    for (var type : new int[] {0xa000, 0x2000, 0x1000}) {
      var zip = Zips.zip("link", "/etc/passwd");
      var directory = centralDirectory(zip);
      zip[directory + 5] = 3;
      zip[directory + 41] = (byte) (type >> 8);
      assertRefused(
          Zips.artifact("evil", zip), ErrorCode.UNPROCESSABLE, "'link' is a link or a device");
    }
  }

  @Test
  void refusesAnArchiveWithTooManyEntriesOrThatIsNone() throws Exception {
    var zip = Zips.zip("a", "a");
    zip[zip.length - 12] = (byte) 0xff;
    zip[zip.length - 11] = (byte) 0xff;
    assertRefused(Zips.artifact("a", zip), ErrorCode.TOO_LARGE, "entries");
    var text = "no zip at all, only text".getBytes(UTF_8);
    assertRefused(Zips.artifact("a", text), ErrorCode.UNPROCESSABLE, "it is not a zip");
    var cut = Zips.zip("a", "a");
    cut[centralDirectory(cut)] = 0;
    assertRefused(Zips.artifact("a", cut), ErrorCode.UNPROCESSABLE, "damaged at entry 1");
  }

  @Test
  void stopsUnpackingAnArchiveThatGrowsBeyondTheLimit() throws Exception {
    var bomb = Zips.zip("a", "0".repeat(100_000));
    assertThat(bomb.length).isLessThan(1_000);
    store = new ReleaseStore(folder, InstantSource.system(), 10_000);
    assertRefused(
        Zips.artifact("bomb", bomb), ErrorCode.TOO_LARGE, "more than 10000 bytes to store");
  }

  @Test
  void aReleaseThatIsTakenUpAgainIsYoungAgain() throws Exception {
    var artifacts = List.of(Zips.artifact("a", Zips.zip("a", "1")));
    var release = store.unpack(artifacts);
    var before = Files.getAttribute(release.folder(), "unix:ctime");
    store.unpack(artifacts);
    assertThat(Files.getAttribute(release.folder(), "unix:ctime")).isNotEqualTo(before);
  }

  @Test
  void refusesTwoArtifactsWithTheSameFile() throws Exception {
    var one = Zips.artifact("one", Zips.zip("app", "1"));
    var two = Zips.artifact("two", Zips.zip("app", "2"));
    assertThatThrownBy(() -> store.unpack(List.of(one, two)))
        .hasMessageContaining("artifact two has 'app', which is there already");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void sweepsAwayWhatACrashLeftHalfUnpacked() throws Exception {
    Files.createDirectories(folder.resolve("unpacking-1/files"));
    new ReleaseStore(folder, InstantSource.system());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void deletesOldReleasesThatNobodyNeedsAndNoOthers() throws Exception {
    var kept = store.unpack(List.of(Zips.artifact("a", Zips.zip("a", "1"))));
    var old = store.unpack(List.of(Zips.artifact("a", Zips.zip("a", "2"))));
    assertThat(store.deleteAllBut(Set.of(kept.digest()))).as("both are young").isEmpty();
    var later = InstantSource.offset(InstantSource.system(), Duration.ofHours(2));
    var store = new ReleaseStore(folder, later);
    assertThat(store.deleteAllBut(Set.of(kept.digest()))).containsExactly(old.digest());
    assertThat(old.folder()).doesNotExist();
    assertThat(kept.folder()).exists();
  }

  @Test
  void keepsAsManyReleasesOfARouteAsAreAskedForAndNeverFewerThanTwo() throws Exception {
    var history = new History(folder.resolve("history"));
    for (var i = 1; i <= 7; i++) {
      var id = UUID.randomUUID();
      history.add("shop.production", new History.Entry(id, "r" + i, Instant.EPOCH));
      history.add("shop.production", new History.Entry(id, "r" + i, Instant.EPOCH));
    }
    var id = UUID.randomUUID();
    history.add("shop.staging", new History.Entry(id, "r1", Instant.EPOCH));
    assertThat(history.keptReleases(route -> route.equals("shop.production") ? 5 : 2))
        .containsExactlyInAnyOrder("r7", "r6", "r5", "r4", "r3", "r1");
    assertThat(history.keptReleases(_ -> 3)).containsExactlyInAnyOrder("r7", "r6", "r5", "r1");
    assertThat(history.keptReleases(_ -> 0)).containsExactlyInAnyOrder("r7", "r6", "r1");
  }

  @Test
  void takesPermissionsFromTheArchiveWhereItHasThem() throws Exception {
    var zip = Zips.zip(Map.of("tool", "binary".getBytes(UTF_8)));
    var directory = centralDirectory(zip);
    zip[directory + 5] = 3;
    zip[directory + 40] = (byte) 0xed;
    zip[directory + 41] = (byte) 0x81;
    var release = store.unpack(List.of(Zips.artifact("a", zip)));
    assertThat(Files.isExecutable(release.folder().resolve("tool"))).isTrue();
  }

  /// Where the only entry of the central directory begins.
  private static int centralDirectory(byte[] zip) {
    var end = zip.length - 22;
    return (zip[end + 16] & 0xff) | (zip[end + 17] & 0xff) << 8;
  }

  private void assertRefused(ArtifactZip artifact, ErrorCode code, String message) {
    assertThatThrownBy(() -> store.unpack(List.of(artifact)))
        .isInstanceOfSatisfying(FairwayException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
    assertThat(folder).isEmptyDirectory();
  }
}
