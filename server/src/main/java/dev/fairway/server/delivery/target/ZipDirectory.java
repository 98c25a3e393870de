package dev.fairway.server.delivery.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// The central directory of a zip, read for what `java.util.zip` does not show: the Unix modes.
///
/// Every name is judged here, before a single file is written: an entry that would climb out of the
/// folder, be absolute, be a link or a device, or come twice refuses the whole archive.
final class ZipDirectory {
  /// @param mode Unix permission bits, 0 if the archive has none
  record Entry(boolean directory, int mode) {}

  private static final int END_SIGNATURE = 0x06054b50;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 65_535;
  private static final int ENTRY_BYTES = 46;
  private static final int MAX_DIRECTORY_BYTES = 64 << 20;
  private static final int MADE_BY_UNIX = 3;
  private static final int TYPE_MASK = 0xf000;
  private static final int REGULAR = 0x8000;
  private static final int DIRECTORY = 0x4000;
  private static final int PERMISSIONS = 0x1ff;

  private ZipDirectory() {}

  /// The entries by name, in the archive's order.
  static Map<String, Entry> read(Path zip, String artifact) throws IOException {
    try (var file = FileChannel.open(zip, StandardOpenOption.READ)) {
      if (file.size() > TargetLimits.ZIP_BYTES) {
        throw tooLarge(artifact, "more than " + TargetLimits.ZIP_BYTES + " bytes");
      }
      var tailBytes = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
      var tail = bytes(file, file.size() - tailBytes, tailBytes);
      var end = tailBytes - END_BYTES;
      while (end >= 0 && tail.getInt(end) != END_SIGNATURE) {
        end--;
      }
      if (end < 0) {
        throw refused(artifact, "it is not a zip");
      }
      var count = Short.toUnsignedInt(tail.getShort(end + 10));
      var size = Integer.toUnsignedLong(tail.getInt(end + 12));
      var offset = Integer.toUnsignedLong(tail.getInt(end + 16));
      if (count > TargetLimits.ZIP_ENTRIES || size > MAX_DIRECTORY_BYTES) {
        throw tooLarge(artifact, "more than " + TargetLimits.ZIP_ENTRIES + " entries");
      }
      if (offset + size > file.size()) {
        throw refused(artifact, "its directory lies outside of it");
      }
      return entries(bytes(file, offset, (int) size), count, artifact);
    }
  }

  private static Map<String, Entry> entries(ByteBuffer directory, int count, String artifact) {
    var entries = new LinkedHashMap<String, Entry>();
    for (var i = 0; i < count; i++) {
      if (directory.remaining() < ENTRY_BYTES
          || directory.getInt(directory.position()) != ENTRY_SIGNATURE) {
        throw refused(artifact, "its directory is damaged at entry " + (i + 1));
      }
      var at = directory.position();
      var madeBy = Byte.toUnsignedInt(directory.get(at + 5));
      var nameBytes = Short.toUnsignedInt(directory.getShort(at + 28));
      var further =
          Short.toUnsignedInt(directory.getShort(at + 30))
              + Short.toUnsignedInt(directory.getShort(at + 32));
      var mode = madeBy == MADE_BY_UNIX ? directory.getInt(at + 38) >>> 16 : 0;
      if (directory.remaining() < ENTRY_BYTES + nameBytes + further) {
        throw refused(artifact, "its directory is damaged at entry " + (i + 1));
      }
      var name = UTF_8.decode(directory.slice(at + ENTRY_BYTES, nameBytes)).toString();
      directory.position(at + ENTRY_BYTES + nameBytes + further);
      var isDirectory = name.endsWith("/");
      judge(name, isDirectory, mode, artifact);
      if (entries.put(name, new Entry(isDirectory, mode & PERMISSIONS)) != null) {
        throw refused(artifact, "'" + name + "' is in it twice");
      }
    }
    return entries;
  }

  private static void judge(String name, boolean isDirectory, int mode, String artifact) {
    var path = isDirectory ? name.substring(0, name.length() - 1) : name;
    if (name.getBytes(UTF_8).length > TargetLimits.NAME_BYTES) {
      throw tooLarge(artifact, "a name longer than " + TargetLimits.NAME_BYTES + " bytes");
    }
    if (name.indexOf('\\') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
      throw refused(artifact, "'" + name + "' has a backslash or a control character");
    }
    for (var segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw refused(artifact, "'" + name + "' leaves its folder");
      }
    }
    var type = mode & TYPE_MASK;
    if (type != 0 && type != (isDirectory ? DIRECTORY : REGULAR)) {
      throw refused(artifact, "'" + name + "' is a link or a device, not a file");
    }
  }

  private static ByteBuffer bytes(FileChannel file, long from, int count) throws IOException {
    var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) >= 0) {
      // Until it is full or the file ends.
    }
    return buffer.flip();
  }

  static FairwayException refused(String artifact, String why) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        "artifact " + artifact + " cannot be unpacked: " + why,
        "Upload it with a workflow of this project again.");
  }

  static FairwayException tooLarge(String artifact, String what) {
    return new FairwayException(
        ErrorCode.TOO_LARGE,
        "artifact " + artifact + " has " + what,
        "Put less into the artifact.");
  }
}
