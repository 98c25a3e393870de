package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/// Deletes a folder in which a job could do what it liked, and may still do so: follows no link,
/// opens folders that are locked, and does not care how deep they lie. Folders may be nested deeper
/// than any path reaches, so what lies inside of one is moved up beside it.
final class TreeRemoval {
  private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwx------");

  private final Path root;
  private final SecureDirectoryStream<Path> top;

  private TreeRemoval(Path root, SecureDirectoryStream<Path> top) {
    this.root = root;
    this.top = top;
  }

  /// Deletes `root` with everything in it; nothing happens where there is nothing.
  static void of(Path root) throws IOException {
    if (Files.notExists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.getPosixFilePermissions(root).containsAll(OPEN)) {
        Files.setPosixFilePermissions(root, OPEN);
      }
      while (emptied(root)) {
        // What was moved up while the folder was listed may not have been on the list.
      }
    }
    Files.delete(root);
  }

  /// @return whether there may be more
  private static boolean emptied(Path root) throws IOException {
    try (var stream = Files.newDirectoryStream(root)) {
      if (stream instanceof SecureDirectoryStream<Path> top) {
        return new TreeRemoval(root, top).children();
      }
      throw new IOException("This file system cannot open files relative to a folder: " + root);
    }
  }

  private boolean children() throws IOException {
    var any = false;
    try {
      for (var child : top) {
        any = true;
        remove(child.getFileName());
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return any;
  }

  private void remove(Path name) throws IOException {
    if (deleted(top, name)) {
      return;
    }
    unlock(top, name, root.resolve(name));
    try (var folder = top.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      for (var path : folder) {
        var child = path.getFileName();
        if (!deleted(folder, child)) {
          unlock(folder, child, root.resolve(name).resolve(child));
          folder.move(child, top, Path.of(UUID.randomUUID().toString()));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    top.deleteDirectory(name);
  }

  /// @return false where it is a folder
  private static boolean deleted(SecureDirectoryStream<Path> in, Path name) throws IOException {
    try {
      in.deleteFile(name);
      return true;
    } catch (FileSystemException e) {
      var view =
          in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (view.readAttributes().isDirectory()) {
        return false;
      }
      throw e;
    }
  }

  private static void unlock(SecureDirectoryStream<Path> in, Path name, Path path)
      throws IOException {
    var view =
        in.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view.readAttributes().permissions().containsAll(OPEN)) {
      return;
    }
    try {
      view.setPermissions(OPEN);
    } catch (AccessDeniedException e) {
      // Who may not even open it has no more rights than the job, so a link leads him nowhere.
      Files.setPosixFilePermissions(path, OPEN);
    }
  }
}
