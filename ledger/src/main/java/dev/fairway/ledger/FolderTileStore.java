package dev.fairway.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tiles as files in a folder, which any static web server can publish. Each file is written beside
/// its place, forced to disk and renamed, and its folder is forced too: a crash leaves the old
/// bytes or the new ones.
public final class FolderTileStore implements TileStore {
  private static final String HALF_WRITTEN = ".new";

  private final Path folder;

  /// @param folder made when it is missing
  public FolderTileStore(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  @Override
  public Optional<byte[]> read(String path) {
    try {
      return Optional.of(Files.readAllBytes(place(path)));
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void write(Map<String, byte[]> files) {
    var changed = new LinkedHashSet<Path>();
    var halves = new ArrayList<Half>();
    try {
      // All are written before the first is forced: the file system then commits them together.
      for (var file : files.entrySet()) {
        halves.add(half(place(file.getKey()), file.getValue(), changed));
      }
      for (var half : halves) {
        half.channel().force(false);
      }
      for (var half : halves) {
        half.channel().close();
        Files.move(
            half.path(),
            half.place(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      for (var parent : changed) {
        try (var channel = FileChannel.open(parent)) {
          channel.force(true);
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } finally {
      halves.forEach(Half::close);
    }
  }

  /// A file that is written and not yet in its place.
  private record Half(Path path, Path place, FileChannel channel) {
    void close() {
      try {
        channel.close();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private Half half(Path place, byte[] content, Set<Path> changed) throws IOException {
    // A new folder is only durable once the folder that names it is.
    var parent = parent(place);
    for (var made = parent; made != null && changed.add(made) && !Files.isDirectory(made); ) {
      made = made.getParent();
    }
    Files.createDirectories(parent);
    var path = parent.resolve(place.getFileName() + HALF_WRITTEN);
    var channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    for (var buffer = ByteBuffer.wrap(content); buffer.hasRemaining(); ) {
      channel.write(buffer);
    }
    return new Half(path, place, channel);
  }

  @Override
  public void dropPartials(String fullTile) {
    var partials = place(fullTile + ".p");
    try {
      if (Files.isDirectory(partials)) {
        try (var files = Files.newDirectoryStream(partials)) {
          for (var file : files) {
            Files.deleteIfExists(file);
          }
        }
        Files.deleteIfExists(partials);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Path place(String path) {
    if (!path.equals(CHECKPOINT) && !path.startsWith("tile/")) {
      throw new IllegalArgumentException("not a file of a log: " + path);
    }
    var place = folder.resolve(path).normalize();
    if (!place.startsWith(folder)) {
      throw new IllegalArgumentException("outside of the log's folder: " + path);
    }
    return place;
  }

  private static Path parent(Path place) {
    var parent = place.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("has no folder: " + place);
    }
    return parent;
  }
}
