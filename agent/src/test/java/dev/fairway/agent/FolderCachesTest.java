package dev.fairway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderCachesTest {
  private static final int MAX_BYTES = 10;

  @TempDir Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private FolderCaches caches;

  @BeforeEach
  void open() {
    caches = new FolderCaches(folder.resolve("caches"), () -> now, MAX_BYTES);
  }

  @Test
  void aCacheIsFoundByItsKeyAndVersionAlone() throws IOException {
    assertThat(find("key", "1")).isEmpty();

    assertThat(save("key", "1", "one")).isTrue();

    assertThat(find("key", "1")).contains("one");
    assertThat(find("key", "2")).isEmpty();
    assertThat(find("ke", "1")).isEmpty();
  }

  @Test
  void whatIsSavedStaysAsItIs() throws IOException {
    save("key", "1", "one");

    assertThat(save("key", "1", "two")).isFalse();

    assertThat(find("key", "1")).contains("one");
  }

  @Test
  void theNewestCacheWithTheFirstPrefixThatHasOneIsFound() throws IOException {
    save("a-1", "1", "1");
    save("a-2", "1", "2");
    save("a-3", "other", "3");
    save("b-1", "1", "4");

    assertThat(find("a-9", "1", "c-", "a-", "b-")).contains("2");
    assertThat(find("a-1", "1", "a-")).contains("1");
    assertThat(find("a-9", "1", "a-9")).isEmpty();
  }

  @Test
  void theLongestUnusedOnesMakeRoom() throws IOException {
    save("a", "1", "1234");
    save("b", "1", "1234");
    find("a", "1");

    save("c", "1", "1234");

    assertThat(find("a", "1")).isPresent();
    assertThat(find("b", "1")).isEmpty();
    assertThat(find("c", "1")).isPresent();
  }

  /// Even one that is larger than all may be together: nothing else would ever be found.
  @Test
  void whatWasJustSavedStays() throws IOException {
    save("a", "1", "1");

    save("b", "1", "12345678901");

    assertThat(find("a", "1")).isEmpty();
    assertThat(find("b", "1")).isPresent();
  }

  @Test
  void whatAnInterruptedRunHasLeftIsNoCache() throws IOException {
    save("a", "1", "1");
    var left = Files.createDirectory(folder.resolve("caches/new-1"));
    Files.writeString(left.resolve("name"), "1\nab");
    Files.createFile(left.resolve("archive"));
    Files.setLastModifiedTime(left, FileTime.from(now));

    assertThat(find("b", "1", "a")).contains("1");
    assertThat(save("b", "1", "2")).isTrue();
    assertThat(left).exists();

    now = now.plus(Duration.ofHours(7));
    assertThat(save("c", "1", "3")).isTrue();
    assertThat(left).doesNotExist();
  }

  private boolean save(String key, String version, String content) throws IOException {
    now = now.plus(Duration.ofSeconds(1));
    var file = Files.writeString(folder.resolve("saved"), content);
    return caches.save(key, version, file, content.length());
  }

  private Optional<String> find(String key, String version, String... prefixes) throws IOException {
    now = now.plus(Duration.ofSeconds(1));
    var found = caches.find(key, List.of(prefixes), version);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var file = folder.resolve("found");
    Files.deleteIfExists(file);
    caches.download(found.get(), file);
    return Optional.of(Files.readString(file));
  }
}
