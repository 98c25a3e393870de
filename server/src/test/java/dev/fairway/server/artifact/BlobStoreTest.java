package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BlobStoreTest {
  /// SHA-256 of `ahoy`, by sha256sum.
  private static final String AHOY =
      "2355f39e9d5f0c96c668f4d8e83fe9e76246caa8c85bd888b8d80826968e7b31";

  @TempDir Path data;

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private List<Path> files() throws IOException {
    try (var files = Files.walk(data)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void keepsBytesUnderTheirDigestOnce() throws IOException {
    var store = new BlobStore(data, InstantSource.system());
    for (int i = 0; i < 2; i++) {
      try (var bytes = store.receive(text("ahoy"), 4)) {
        assertThat(bytes.digest()).isEqualTo(AHOY);
        store.keep(bytes);
      }
    }

    assertThat(files()).hasSize(1);
    assertThat(Files.readString(store.require(AHOY, 4))).isEqualTo("ahoy");
  }

  @Test
  void leavesNothingOfWhatIsTooLong() throws IOException {
    var store = new BlobStore(data, InstantSource.system());

    assertThatThrownBy(() -> store.receive(text("ahoy!"), 4))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));

    assertThat(files()).isEmpty();
  }

  @Test
  void leavesNothingOfAnUploadThatBreaksOff() throws IOException {
    var store = new BlobStore(data, InstantSource.system());
    var broken =
        new InputStream() {
          private int left = 10;

          @Override
          public int read() throws IOException {
            if (left-- == 0) {
              throw new IOException("gone");
            }
            return 'x';
          }

          @Override
          public int read(byte[] bytes, int from, int length) throws IOException {
            bytes[from] = (byte) read();
            return 1;
          }
        };

    assertThatThrownBy(() -> store.receive(broken, 100)).isInstanceOf(FairwayException.class);

    assertThat(files()).isEmpty();
  }

  @Test
  void aStartLeavesWhatAnotherServerMayBeReceivingAndThrowsAwayWhatWasNotKept() throws IOException {
    var now = InstantSource.system();
    new BlobStore(data, now).receive(text("ahoy"), 4);

    new BlobStore(data, now);
    assertThat(files()).hasSize(1);

    var store = new BlobStore(data, InstantSource.offset(now, Duration.ofHours(2)));
    assertThat(files()).isEmpty();
    assertThatThrownBy(() -> store.require(AHOY, 4)).hasMessageContaining("is missing");
  }

  @Test
  void noticesBytesThatWereCutOff() throws IOException {
    var store = new BlobStore(data, InstantSource.system());
    try (var bytes = store.receive(text("ahoy"), 4)) {
      store.keep(bytes);
    }
    Files.writeString(store.require(AHOY, 4), "ah");

    assertThatThrownBy(() -> store.require(AHOY, 4)).hasMessageContaining("has 2 of 4 bytes");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedAsSuch() throws IOException {
    Files.writeString(data.resolve("blobs"), "a file where a folder should be");

    assertThatThrownBy(() -> new BlobStore(data, InstantSource.system()))
        .isInstanceOfSatisfying(
            FairwayException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
  }
}
