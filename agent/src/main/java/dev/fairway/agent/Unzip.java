package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Unpacks an artifact into an empty folder. Nothing is written outside of it: a name that is
/// absolute, climbs, or is not plain refuses the whole zip before its first byte is written.
final class Unzip {
  private Unzip() {}

  /// @param maxBytes of all contents together
  static void into(Path zip, Path folder, long maxBytes) throws IOException {
    check(zip, maxBytes);
    var root = folder.toAbsolutePath().normalize();
    var written = 0L;
    try (var archive = FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", true))) {
      try (var names = new ZipFile(zip.toFile())) {
        for (var entries = names.entries(); entries.hasMoreElements(); ) {
          var entry = entries.nextElement();
          var target = root.resolve(entry.getName()).normalize();
          if (entry.isDirectory()) {
            Files.createDirectories(target);
            continue;
          }
          var parent = target.getParent();
          if (parent != null) {
            Files.createDirectories(parent);
          }
          written += copy(archive.getPath(entry.getName()), target, maxBytes - written);
        }
      }
    } catch (EOFException e) {
      throw refused("it is damaged: it ends too early");
    } catch (ZipException e) {
      throw refused("it is damaged: " + e.getMessage());
    } catch (ProviderNotFoundException e) {
      // So the JDK says that this is no zip.
      throw refused("it is damaged: its directory cannot be read");
    } catch (FileAlreadyExistsException e) {
      throw refused("a name stands in it twice, or as a file and as a folder");
    }
  }

  /// What the directory says a content has is not to be trusted, so the copy counts.
  private static long copy(Path entry, Path target, long room) throws IOException {
    var permissions = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    Set<PosixFilePermission> stored = Files.getPosixFilePermissions(entry);
    permissions.addAll(stored);
    var copied = 0L;
    try (var in = Files.newInputStream(entry);
        var out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      var buffer = new byte[64 * 1024];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        copied += count;
        if (copied > room) {
          throw tooLarge("more bytes than its limit");
        }
        out.write(buffer, 0, count);
      }
    }
    Files.setPosixFilePermissions(target, permissions);
    return copied;
  }

  private static void check(Path zip, long maxBytes) throws IOException {
    try (var archive = new ZipFile(zip.toFile())) {
      if (archive.size() > ZipWriter.MAX_ENTRIES) {
        throw tooLarge("more than " + ZipWriter.MAX_ENTRIES + " entries");
      }
      var bytes = 0L;
      for (var entries = archive.entries(); entries.hasMoreElements(); ) {
        var entry = entries.nextElement();
        checkName(entry);
        bytes += Math.max(0, entry.getSize());
        if (bytes > maxBytes) {
          throw tooLarge("more than " + maxBytes + " bytes of files");
        }
      }
    } catch (EOFException e) {
      throw refused("it is damaged: it ends too early");
    } catch (ZipException e) {
      throw refused("it is damaged: " + e.getMessage());
    }
  }

  private static void checkName(ZipEntry entry) {
    var name = entry.getName();
    if (name.isEmpty()
        || name.startsWith("/")
        || name.contains("\\")
        || name.chars().anyMatch(Character::isISOControl)) {
      throw refused("the name `" + name + "` is not a plain relative path");
    }
    for (var part : name.split("/", -1)) {
      if (part.equals("..") || part.equals(".")) {
        throw refused("the name `" + name + "` climbs out of its folder");
      }
    }
  }

  private static FairwayException refused(String why) {
    return new FairwayException(
        ErrorCode.INVALID_INPUT, "The artifact's zip is refused: " + why, "Upload it again.");
  }

  private static FairwayException tooLarge(String what) {
    return new FairwayException(
        ErrorCode.TOO_LARGE, "The artifact's zip is refused: it has " + what, "Upload less.");
  }
}
