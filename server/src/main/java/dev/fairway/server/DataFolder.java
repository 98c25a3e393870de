package dev.fairway.server;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// The server's folder, held by one server at a time for as long as it lives; its replicas use it
/// beside it.
final class DataFolder implements Closeable {
  private final Path path;
  private final @Nullable FileChannel lock;

  private DataFolder(Path path, @Nullable FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Takes the folder, making it where it is missing. The operating system lets go of it when the
  /// process ends, however that happens.
  static DataFolder open(Path path) {
    try {
      make(path);
      var lock =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock.tryLock() == null) {
        lock.close();
        throw new FairwayException(
            ErrorCode.CONFLICT,
            "The data folder " + path + " is in use by another server",
            "Stop that one, or choose another folder with --data.");
      }
      return new DataFolder(path, lock);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /// The folder for a replica, which takes it from nobody.
  static DataFolder share(Path path) {
    try {
      make(path);
      return new DataFolder(path, null);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static void make(Path path) throws IOException {
    Files.createDirectories(path);
    // Others on this machine must be able to pass through to what is theirs below, not to list.
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static FairwayException unusable(Path path, IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The data folder " + path + " cannot be used: " + e.getMessage(),
        "Check its owner and free space, or choose another folder with --data.",
        e);
  }

  /// A folder below it, made where it is missing, closed to others.
  Path folder(String name) {
    try {
      var folder = path.resolve(name);
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      return folder;
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The folder " + name + " in " + path + " cannot be made: " + e.getMessage(),
          "Check the owner and the free space of the data folder.",
          e);
    }
  }

  @Override
  public void close() {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
