package dev.fairway.cli;

import dev.fairway.api.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The folder of one local run. It goes with the run; that of a run which was killed goes with the
/// next one of the same user, who finds that no process holds its lock any more. A process has one
/// at a time.
record RunFolder(Path path, FileChannel lock) implements AutoCloseable {
  private static final String NAME = "fairway-run-";
  private static final String LOCK = "lock";

  /// A run has its lock in no time, and what deletes its folder is done soon after that is gone:
  /// later than this both have been killed.
  private static final Duration WITHOUT_LOCK = Duration.ofHours(1);

  static RunFolder create() throws IOException {
    var path = Files.createTempDirectory(NAME);
    try {
      var unheld = path.resolve("unheld");
      var lock = FileChannel.open(unheld, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try {
        var _ = lock.lock();
        // Only now may others try it.
        Files.move(unheld, path.resolve(LOCK));
        return new RunFolder(path, lock);
      } catch (IOException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      DurableFiles.delete(path);
      throw e;
    }
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /// Has it deleted, and what killed runs have left.
  @Override
  public void close() throws IOException {
    try (lock) {
      var folders = abandoned();
      folders.add(path);
      Deletions.delete(folders);
    }
  }

  private List<Path> abandoned() {
    var abandoned = new ArrayList<Path>();
    try (var folders =
        Files.newDirectoryStream(
            path.toAbsolutePath().getParent(),
            folder -> folder.getFileName().toString().startsWith(NAME))) {
      for (var folder : folders) {
        // To close the lock of this run would let it go.
        if (!folder.equals(path) && isAbandoned(folder)) {
          abandoned.add(folder);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      System.getLogger("run").log(System.Logger.Level.DEBUG, "Nobody looks for old runs", e);
    }
    return abandoned;
  }

  private boolean isAbandoned(Path other) {
    var free = other.resolve(LOCK);
    try {
      if (!owner(other).equals(owner(path))) {
        return false;
      }
      if (!Files.exists(free, LinkOption.NOFOLLOW_LINKS)) {
        var changed = Files.getLastModifiedTime(other, LinkOption.NOFOLLOW_LINKS).toInstant();
        return changed.isBefore(Instant.now().minus(WITHOUT_LOCK));
      }
      if (!Files.isRegularFile(free, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      try (var channel =
              FileChannel.open(free, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
          var held = channel.tryLock()) {
        return held != null;
      }
    } catch (IOException e) {
      return false; // Somebody deletes it now.
    }
  }

  private static Object owner(Path folder) throws IOException {
    return Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }
}
