package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UploadListsTest {
  private static final UUID UPLOAD = UUID.fromString("00000000-0000-7000-8000-000000000001");
  private static final long LIMIT = 1 << 20;

  @TempDir Path folder;
  private Uploads uploads;

  @BeforeEach
  void begin() {
    uploads = new Uploads(folder);
    uploads.begin(UPLOAD);
    uploads.block(UPLOAD, "one", new ByteArrayInputStream("1,".getBytes(UTF_8)), LIMIT);
    uploads.block(UPLOAD, "two", new ByteArrayInputStream("2,".getBytes(UTF_8)), LIMIT);
  }

  @Test
  void aListPutsBlocksInOrderAndMayNameOneTwice() throws Exception {
    uploads.commit(UPLOAD, List.of("two", "one", "two"), LIMIT);

    try (var whole = uploads.open(UPLOAD)) {
      assertThat(whole.readAllBytes()).asString(UTF_8).isEqualTo("2,1,2,");
    }
  }

  @Test
  void aListThatNamesWhatHasNotArrivedIsRefused() {
    assertThatThrownBy(() -> uploads.commit(UPLOAD, List.of("one", "three"), LIMIT))
        .hasMessageContaining("has not arrived");
  }

  /// Each would be a file that the server has open.
  @Test
  void aListThatNamesABlockCountlessTimesIsRefused() {
    assertThatThrownBy(() -> uploads.commit(UPLOAD, Collections.nCopies(60_000, "one"), LIMIT))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void whatIsLongerThanAllowedIsRefused() {
    assertThatThrownBy(() -> uploads.commit(UPLOAD, Collections.nCopies(40_000, "one"), 1_000))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }
}
