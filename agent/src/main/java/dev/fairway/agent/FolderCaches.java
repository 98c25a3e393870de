package dev.fairway.agent;

import dev.fairway.api.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Caches of a project without a server, each a folder with the `archive` and what it is found by.
/// A new one gets its name when it is whole, so several runs may use them at once. The longest
/// unused ones go when they have more than [#MAX_BYTES] together.
public final class FolderCaches implements Caches {
  static final long MAX_BYTES = 5L << 30;

  private static final String ARCHIVE = "archive";

  /// What is not whole yet is called so, and has been given up when nobody has touched it for that
  /// long.
  private static final String FRESH = "new-";

  private static final Duration GIVEN_UP = Duration.ofHours(6);

  /// The version, a line break, the key.
  private static final String NAME = "name";

  private final Path folder;
  private final InstantSource clock;
  private final long maxBytes;

  /// @param folder no job can see it; it is made when something is saved
  public FolderCaches(Path folder, InstantSource clock) {
    this(folder, clock, MAX_BYTES);
  }

  FolderCaches(Path folder, InstantSource clock, long maxBytes) {
    this.folder = folder;
    this.clock = clock;
    this.maxBytes = maxBytes;
  }

  private record Entry(Path folder, String name, FileTime saved) {
    Path archive() {
      return folder.resolve(ARCHIVE);
    }
  }

  @Override
  public Optional<Found> find(String key, List<String> prefixes, String version)
      throws IOException {
    var exact = place(key, version).resolve(ARCHIVE);
    if (Files.isRegularFile(exact)) {
      return Optional.of(new Found(key, exact.toUri()));
    }
    var begin = version + "\n";
    var entries =
        entries().stream()
            .filter(entry -> entry.name().startsWith(begin))
            .sorted(Comparator.comparing(Entry::saved).reversed())
            .toList();
    return prefixes.stream()
        .flatMap(
            prefix -> entries.stream().filter(entry -> entry.name().startsWith(begin + prefix)))
        .map(entry -> new Found(entry.name().substring(begin.length()), entry.archive().toUri()))
        .findFirst();
  }

  @Override
  public void download(Found found, Path file) throws IOException {
    var archive = Path.of(found.place());
    Files.copy(archive, file);
    Files.setLastModifiedTime(archive, FileTime.from(clock.instant()));
  }

  @Override
  public boolean save(String key, String version, Path file, long bytes) throws IOException {
    var place = place(key, version);
    if (Files.exists(place)) {
      return false;
    }
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    var fresh = Files.createTempDirectory(folder, FRESH);
    try {
      var now = FileTime.from(clock.instant());
      var name = Files.writeString(fresh.resolve(NAME), version + "\n" + key);
      Files.setLastModifiedTime(name, now);
      Files.copy(file, fresh.resolve(ARCHIVE));
      Files.setLastModifiedTime(fresh.resolve(ARCHIVE), now);
      sync(name, fresh.resolve(ARCHIVE));
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (Files.exists(place)) {
        return false;
      }
      throw e;
    } finally {
      DurableFiles.delete(fresh);
    }
    evict(place);
    return true;
  }

  /// What has its name is never replaced, so it must be whole after a power failure as well.
  private static void sync(Path... files) throws IOException {
    for (var file : files) {
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  @Override
  public void close() {}

  private Path place(String key, String version) {
    var name = (version + "\n" + key).getBytes(StandardCharsets.UTF_8);
    return folder.resolve(HexFormat.of().formatHex(WorkspaceHasher.sha256().digest(name)));
  }

  private List<Entry> entries() throws IOException {
    var entries = new ArrayList<Entry>();
    try (var folders = Files.newDirectoryStream(folder)) {
      for (var each : folders) {
        if (each.getFileName().toString().startsWith(FRESH)) {
          continue;
        }
        var name = each.resolve(NAME);
        try {
          entries.add(new Entry(each, Files.readString(name), Files.getLastModifiedTime(name)));
        } catch (NoSuchFileException _) {
          // It has gone meanwhile.
        }
      }
    } catch (NoSuchFileException _) {
      return List.of();
    }
    return entries;
  }

  private record Kept(Path folder, long bytes, FileTime used) {}

  private void evict(Path spared) throws IOException {
    var kept = new ArrayList<Kept>();
    for (var entry : entries()) {
      try {
        var archive = Files.readAttributes(entry.archive(), BasicFileAttributes.class);
        kept.add(new Kept(entry.folder(), archive.size(), archive.lastModifiedTime()));
      } catch (NoSuchFileException _) {
        // Another run was faster.
      }
    }
    kept.sort(Comparator.comparing(Kept::used));
    var bytes = kept.stream().mapToLong(Kept::bytes).sum();
    for (var old : kept) {
      if (bytes > maxBytes && !old.folder().equals(spared)) {
        DurableFiles.delete(old.folder());
        bytes -= old.bytes();
      }
    }
    var givenUp = FileTime.from(clock.instant().minus(GIVEN_UP));
    try (var fresh = Files.newDirectoryStream(folder, FRESH + "*")) {
      for (var each : fresh) {
        if (Files.getLastModifiedTime(each).compareTo(givenUp) < 0) {
          DurableFiles.delete(each);
        }
      }
    } catch (NoSuchFileException _) {
      // Another run has whole what it had begun.
    }
  }
}
