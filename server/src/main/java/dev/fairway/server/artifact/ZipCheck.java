package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Decides at upload whether an artifact's zip is safe to unpack, so that whoever unpacks it later
/// (a job, a deployment, a person) need not wonder.
///
/// Refused are names that lead out of the folder, links and devices, names that occur twice or
/// differ between the two places where a zip states them, encryption, zip64 (our limits are below
/// its reach), damaged content, and what unpacks to far more than it is. The layout is that of
/// PKWARE's APPNOTE, 4.3.
final class ZipCheck {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int MAX_DIRECTORY_BYTES = 64 << 20;
  private static final int ENCRYPTED = 1;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int UNIX_TYPE = 0170000;
  private static final Set<Integer> UNIX_FILE_OR_FOLDER = Set.of(0, 0100000, 0040000);
  private static final int BUFFER_BYTES = 64 << 10;

  private ZipCheck() {}

  /// How many entries the zip has; refuses one that is not safe with [ErrorCode#UNPROCESSABLE], and
  /// one beyond a limit with [ErrorCode#TOO_LARGE].
  static int check(Path zip) {
    try {
      int entries = checkDirectory(zip);
      checkContent(zip);
      return entries;
    } catch (ZipException e) {
      throw refused("it is damaged: " + e.getMessage());
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The artifact could not be read again: " + e.getMessage(),
          "Look at the server's disk.",
          e);
    }
  }

  private static int checkDirectory(Path zip) throws IOException {
    try (var file = FileChannel.open(zip, StandardOpenOption.READ)) {
      var end = end(file);
      int count = Short.toUnsignedInt(end.getShort(10));
      long size = Integer.toUnsignedLong(end.getInt(12));
      long start = Integer.toUnsignedLong(end.getInt(16));
      if (count > ArtifactLimits.MAX_ENTRIES || size > MAX_DIRECTORY_BYTES) {
        throw beyond("has more than " + ArtifactLimits.MAX_ENTRIES + " entries");
      }
      if (start + size > file.size()) {
        throw refused("its directory lies outside of it");
      }
      var directory = read(file, start, (int) size);
      var names = new HashSet<String>();
      for (int i = 0; i < count; i++) {
        checkEntry(file, directory, names);
      }
      return count;
    }
  }

  /// Where the directory is: the last record of the file, its comment reaching exactly to the end.
  private static ByteBuffer end(FileChannel file) throws IOException {
    var length = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT_BYTES);
    var tail = read(file, file.size() - length, length);
    for (int at = length - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END_SIGNATURE
          && at + END_BYTES + Short.toUnsignedInt(tail.getShort(at + 20)) == length) {
        return tail.slice(at, END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    throw refused("it is not a zip");
  }

  private static void checkEntry(FileChannel file, ByteBuffer directory, Set<String> names)
      throws IOException {
    if (directory.remaining() < ENTRY_BYTES
        || directory.getInt(directory.position()) != ENTRY_SIGNATURE) {
      throw refused("its directory is damaged");
    }
    int at = directory.position();
    int flags = Short.toUnsignedInt(directory.getShort(at + 8));
    int method = Short.toUnsignedInt(directory.getShort(at + 10));
    int nameLength = Short.toUnsignedInt(directory.getShort(at + 28));
    int extraLength = Short.toUnsignedInt(directory.getShort(at + 30));
    int commentLength = Short.toUnsignedInt(directory.getShort(at + 32));
    int unixType = (directory.getInt(at + 38) >>> 16) & UNIX_TYPE;
    long local = Integer.toUnsignedLong(directory.getInt(at + 42));
    int length = ENTRY_BYTES + nameLength + extraLength + commentLength;
    if (directory.remaining() < length || nameLength > ArtifactLimits.MAX_ENTRY_NAME_BYTES) {
      throw refused("a name in it is longer than " + ArtifactLimits.MAX_ENTRY_NAME_BYTES);
    }
    var bytes = new byte[nameLength];
    directory.get(at + ENTRY_BYTES, bytes);
    var name = new String(bytes, UTF_8);
    checkName(name);
    // File systems that ignore case would write one file over the other, but a zip made on one
    // that does not is no attack; only the same name is.
    if (!names.add(name)) {
      throw refused("'" + name + "' is in it twice");
    }
    if (!UNIX_FILE_OR_FOLDER.contains(unixType)) {
      throw refused("'" + name + "' is a link or a device");
    }
    if ((flags & ENCRYPTED) != 0 || (method != STORED && method != DEFLATED)) {
      throw refused("'" + name + "' is encrypted or packed in an unknown way");
    }
    checkLocal(file, local, bytes, name);
    directory.position(at + length);
  }

  private static void checkLocal(FileChannel file, long at, byte[] expected, String name)
      throws IOException {
    if (at + LOCAL_BYTES + expected.length > file.size()) {
      throw refused("'" + name + "' lies outside of it");
    }
    var header = read(file, at, LOCAL_BYTES + expected.length);
    var actual = new byte[expected.length];
    header.get(LOCAL_BYTES, actual);
    if (header.getInt(0) != LOCAL_SIGNATURE
        || Short.toUnsignedInt(header.getShort(26)) != expected.length
        || !new String(actual, ISO_8859_1).equals(new String(expected, ISO_8859_1))) {
      throw refused("'" + name + "' has another name where its content is");
    }
  }

  private static void checkName(String name) {
    var path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    var climbs =
        List.of(path.split("/", -1)).stream()
            .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    var drive = path.length() >= 2 && path.charAt(1) == ':';
    if (climbs || drive || path.indexOf('\\') >= 0 || path.chars().anyMatch(c -> c < ' ')) {
      throw refused("the name '" + name + "' leads out of its folder, or cannot be a file's");
    }
  }

  /// Unpacks everything into nothing: only what was unpacked is known to be what it says.
  private static void checkContent(Path path) throws IOException {
    try (var zip = new ZipFile(path.toFile())) {
      long unpacked = 0;
      long packed = path.toFile().length();
      var buffer = new byte[BUFFER_BYTES];
      for (ZipEntry entry : zip.stream().toList()) {
        var crc = new CRC32();
        try (var content = zip.getInputStream(entry)) {
          for (var length = content.read(buffer); length >= 0; length = content.read(buffer)) {
            crc.update(buffer, 0, length);
            unpacked += length;
            checkUnpacked(unpacked, packed);
          }
        }
        if (crc.getValue() != entry.getCrc()) {
          throw refused("the content of '" + entry.getName() + "' is damaged");
        }
      }
    }
  }

  private static void checkUnpacked(long unpacked, long packed) {
    if (unpacked > ArtifactLimits.MAX_UNPACKED_BYTES) {
      throw beyond("unpacks to more than " + ArtifactLimits.MAX_UNPACKED_BYTES + " bytes");
    }
    if (unpacked > ArtifactLimits.FREE_UNPACKED_BYTES
        && unpacked / ArtifactLimits.MAX_RATIO > packed) {
      throw beyond("unpacks to more than " + ArtifactLimits.MAX_RATIO + " times what it is packed");
    }
  }

  private static ByteBuffer read(FileChannel file, long at, int length) throws IOException {
    var buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, at + buffer.position()) < 0) {
        throw refused("it ends too early");
      }
    }
    return buffer.flip();
  }

  private static FairwayException refused(String why) {
    return new FairwayException(
        ErrorCode.UNPROCESSABLE,
        "The artifact's zip is refused: " + why,
        "Upload plain files and folders with names below one folder.");
  }

  private static FairwayException beyond(String how) {
    return new FairwayException(
        ErrorCode.TOO_LARGE, "The artifact " + how, "Upload less, or several artifacts.");
  }
}
