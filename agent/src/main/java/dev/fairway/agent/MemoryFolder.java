package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Where the small files of jobs lie for the moment that they are needed: in memory, if this
/// machine has a file system there with room to spare. To make a file on a disk and to delete it
/// again costs many times as much, and a job has a dozen that hold a line each.
final class MemoryFolder {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final String IN_MEMORY = "tmpfs";

  /// Docker gives a container 64 MiB, which are not for us.
  private static final long LEAST_ROOM = 256L << 20;

  private static final Optional<Path> OURS = ours();

  private MemoryFolder() {}

  /// The folder in memory of that job of this user; nothing has been made there yet.
  static Optional<Path> of(String job) {
    return OURS.filter(MemoryFolder::hasRoom).map(folder -> folder.resolve(job));
  }

  private static Optional<Path> ours() {
    try {
      if (!IN_MEMORY.equals(Files.getFileStore(SHARED_MEMORY).type())) {
        return Optional.empty();
      }
      var folder = SHARED_MEMORY.resolve("fairway-" + UserIds.current());
      try {
        Files.createDirectory(folder);
      } catch (FileAlreadyExistsException e) {
        // Anybody may make it there, and then it is not used.
      }
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          || !Integer.valueOf(UserIds.current())
              .equals(Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
        return Optional.empty();
      }
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      return Optional.of(folder);
    } catch (IOException e) {
      System.getLogger("agent")
          .log(System.Logger.Level.DEBUG, "Nothing can be kept in " + SHARED_MEMORY, e);
      return Optional.empty();
    }
  }

  private static boolean hasRoom(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace() >= LEAST_ROOM;
    } catch (IOException e) {
      return false;
    }
  }
}
