package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Uploads of at most ten bytes.
final class UploadsTest {
  private static final long LIMIT = 10;

  @TempDir Path folder;
  private final UUID id = UUID.randomUUID();
  private Uploads uploads;

  @BeforeEach
  void begin() {
    uploads = new Uploads(folder);
    uploads.begin(id);
  }

  private static InputStream bytes(int count) {
    return new ByteArrayInputStream("x".repeat(count).getBytes(UTF_8));
  }

  private void refuses(String block, int count) {
    assertThatThrownBy(() -> uploads.block(id, block, bytes(count), LIMIT))
        .isInstanceOfSatisfying(
            FairwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  private long onDisk() throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void aBlockThatWouldExceedTheSumIsRefusedBeforeItIsThere() throws Exception {
    uploads.block(id, "a", bytes(6), LIMIT);
    refuses("b", 5);
    assertThat(onDisk()).isEqualTo(6);
    uploads.block(id, "b", bytes(4), LIMIT);
    refuses("c", 1);

    uploads.block(id, "a", bytes(5), LIMIT);
    refuses("a", 7);
    uploads.block(id, "c", bytes(1), LIMIT);
    uploads.commit(id, List.of("a", "b", "c"), LIMIT);
    try (var whole = uploads.open(id)) {
      assertThat(whole.readAllBytes()).hasSize(10);
    }
  }

  @Test
  void blocksThatArriveAtOnceShareTheRoom() throws Exception {
    var begun = new CountDownLatch(1);
    var source = new PipedOutputStream();
    try (var beside = Executors.newVirtualThreadPerTaskExecutor();
        var slow = new PipedInputStream(source)) {
      var first = beside.submit(() -> uploads.block(id, "slow", new Announced(slow, begun), LIMIT));
      source.write("123456".getBytes(UTF_8));
      source.flush();
      begun.await();

      refuses("fast", 5);
      uploads.block(id, "fast", bytes(4), LIMIT);

      source.close();
      first.get();
    }
    assertThat(onDisk()).isEqualTo(10);
  }

  @Test
  void aNoteTakesNoRoomFromTheBytesAndGoesWithItsUpload() throws Exception {
    uploads.note(id, "longer than ten bytes");
    uploads.block(id, "a", bytes(10), LIMIT);
    assertThat(uploads.note(id)).hasValue("longer than ten bytes");

    uploads.begin(id);
    assertThat(uploads.note(id)).isEmpty();
    assertThat(onDisk()).isZero();
  }

  /// Tells when somebody asks for more than has come so far.
  private static final class Announced extends InputStream {
    private final InputStream in;
    private final CountDownLatch second;
    private boolean asked;

    Announced(InputStream in, CountDownLatch second) {
      this.in = in;
      this.second = second;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (asked) {
        second.countDown();
      }
      asked = true;
      return in.read(into, from, length);
    }
  }
}
