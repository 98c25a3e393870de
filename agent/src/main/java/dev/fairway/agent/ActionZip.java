package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Unpacks the code of an action, with its links and executable files, into a new folder that the
/// job may read and not write.
///
/// A name that is absolute or climbs, or a link that leaves the folder, refuses the whole zip.
/// Links are made last, so that nothing is written through one.
///
/// Format: APPNOTE.TXT 6.3.3 of PKWARE, sections 4.3.12 and 4.3.16.
final class ActionZip {
  static final int MAX_ENTRIES = 100_000;
  static final long MAX_BYTES = 1L << 30;

  private static final int MAX_LINK_BYTES = 4_096;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int CENTRAL_BYTES = 46;
  private static final int MADE_BY_UNIX = 3;
  private static final int TYPE = 0170000;
  private static final int LINK = 0120000;
  private static final int EXECUTABLE = 0100;

  private static final Pattern CLIMBS_LATER =
      Pattern.compile("(^|/)(?!\\.\\.?(/|$))[^/]+/(.*/)?\\.\\.(/|$)");

  private final JobFolder job;
  private final Path root;
  private long room = MAX_BYTES;

  private ActionZip(JobFolder job, Path root) {
    this.job = job;
    this.root = root;
  }

  /// @param folder does not exist yet; its parent is a folder that the job cannot write
  static void unpack(Path zip, JobFolder job, Path folder) throws IOException {
    Map<String, Integer> modes;
    try (var file = FileChannel.open(zip, StandardOpenOption.READ)) {
      modes = modes(file);
    }
    try (var archive = new ZipFile(zip.toFile())) {
      Files.createDirectory(folder);
      new ActionZip(job, folder).all(archive, modes);
    } catch (ZipException e) {
      throw refused("it is damaged: " + e.getMessage());
    }
  }

  private void all(ZipFile archive, Map<String, Integer> modes) throws IOException {
    if (archive.size() > MAX_ENTRIES) {
      throw refused("it has more than " + MAX_ENTRIES + " files");
    }
    job.readable(root, "rwxr-x---");
    var links = new LinkedHashMap<Path, String>();
    for (var entries = archive.entries(); entries.hasMoreElements(); ) {
      var entry = entries.nextElement();
      var target = root.resolve(checked(entry.getName()));
      folders(entry.isDirectory() ? target : parent(target));
      if (entry.isDirectory()) {
        continue;
      }
      int mode = modes.getOrDefault(entry.getName(), 0);
      try (var in = archive.getInputStream(entry)) {
        if ((mode & TYPE) == LINK) {
          links.put(target, new String(in.readNBytes(MAX_LINK_BYTES), StandardCharsets.UTF_8));
        } else {
          file(in, target, (mode & EXECUTABLE) != 0);
        }
      }
    }
    for (var link : links.entrySet()) {
      link(link.getKey(), link.getValue());
    }
  }

  private void file(InputStream in, Path target, boolean executable) throws IOException {
    try (var out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      var buffer = new byte[64 * 1024];
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        room -= count;
        if (room < 0) {
          throw refused("it has more than " + MAX_BYTES + " bytes of files");
        }
        out.write(buffer, 0, count);
      }
    } catch (FileAlreadyExistsException e) {
      throw refused("it has `" + root.relativize(target) + "` twice");
    }
    job.readable(target, executable ? "r-xr-x---" : "r--r-----");
  }

  private void link(Path from, String to) throws IOException {
    if (to.isEmpty() || to.startsWith("/") || to.chars().anyMatch(Character::isISOControl)) {
      throw refused("the link `" + root.relativize(from) + "` points nowhere");
    }
    // Behind a name, `..` could be that of a link's target: only those at the begin are what they
    // look like.
    if (!parent(from).resolve(to).normalize().startsWith(root) || CLIMBS_LATER.matcher(to).find()) {
      throw refused("the link `" + root.relativize(from) + "` leaves the action");
    }
    try {
      Files.createSymbolicLink(from, Path.of(to));
    } catch (FileAlreadyExistsException e) {
      throw refused("it has `" + root.relativize(from) + "` twice");
    }
  }

  private void folders(Path folder) throws IOException {
    if (folder.equals(root) || Files.isDirectory(folder)) {
      return;
    }
    folders(parent(folder));
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      throw refused("`" + root.relativize(folder) + "` is both a file and a folder");
    }
    job.readable(folder, "rwxr-x---");
  }

  private static Path parent(Path path) {
    var parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
  }

  private static String checked(String name) {
    if (name.startsWith("/")
        || name.contains("\\")
        || name.chars().anyMatch(Character::isISOControl)) {
      throw refused("the name `" + name + "` is not a plain relative path");
    }
    for (var part :
        (name.endsWith("/") ? name.substring(0, name.length() - 1) : name).split("/", -1)) {
      if (part.isEmpty() || part.equals("..") || part.equals(".")) {
        throw refused("the name `" + name + "` climbs out of its folder");
      }
    }
    return name;
  }

  /// Type and permissions of every entry that a Unix tool has packed; the platform's reader does
  /// not tell them.
  private static Map<String, Integer> modes(FileChannel file) throws IOException {
    var end = end(file);
    var count = Short.toUnsignedInt(end.getShort(10));
    var size = Integer.toUnsignedLong(end.getInt(12));
    var offset = Integer.toUnsignedLong(end.getInt(16));
    if (size > file.size() || offset > file.size() - size || size > Integer.MAX_VALUE) {
      throw refused("its directory is damaged");
    }
    var directory = read(file, offset, (int) size);
    var modes = new HashMap<String, Integer>();
    var at = 0;
    for (var entry = 0; entry < count; entry++) {
      if (directory.limit() - at < CENTRAL_BYTES || directory.getInt(at) != CENTRAL_HEADER) {
        throw refused("its directory is damaged");
      }
      var name = Short.toUnsignedInt(directory.getShort(at + 28));
      var rest =
          Short.toUnsignedInt(directory.getShort(at + 30))
              + Short.toUnsignedInt(directory.getShort(at + 32));
      if (directory.limit() - at < CENTRAL_BYTES + name + rest) {
        throw refused("its directory is damaged");
      }
      if (directory.get(at + 5) == MADE_BY_UNIX) {
        var bytes = new byte[name];
        directory.get(at + CENTRAL_BYTES, bytes);
        modes.put(new String(bytes, StandardCharsets.UTF_8), directory.getInt(at + 38) >>> 16);
      }
      at += CENTRAL_BYTES + name + rest;
    }
    return modes;
  }

  private static ByteBuffer end(FileChannel file) throws IOException {
    var length = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
    var tail = read(file, file.size() - length, length);
    for (var at = length - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END) {
        return tail.slice(at, END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    throw refused("it is no zip");
  }

  private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
    var buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    for (var at = from; buffer.hasRemaining(); ) {
      var count = file.read(buffer, at);
      if (count < 0) {
        throw refused("it is cut off");
      }
      at += count;
    }
    return buffer.flip();
  }

  private static FairwayException refused(String why) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE, "The code of an action is refused: " + why, "");
  }
}
