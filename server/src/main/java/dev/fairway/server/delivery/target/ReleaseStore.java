package dev.fairway.server.delivery.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/// Releases unpacked on this machine, each in a folder named by its digest.
///
/// A folder appears by one rename once all in it is written and synced, so a folder that is there
/// is whole; what a crash left half done lies under a temporary name and is swept away.
final class ReleaseStore {
  private static final String HALF_DONE = "unpacking-";
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final Path folder;
  private final InstantSource clock;
  private final long releaseBytes;

  ReleaseStore(Path folder, InstantSource clock) throws IOException {
    this(folder, clock, TargetLimits.RELEASE_BYTES);
  }

  /// @param releaseBytes of all files of a release together
  ReleaseStore(Path folder, InstantSource clock, long releaseBytes) throws IOException {
    this.releaseBytes = releaseBytes;
    this.folder = Files.createDirectories(folder);
    this.clock = clock;
    try (var left = Files.newDirectoryStream(folder, HALF_DONE + "*")) {
      for (var path : left) {
        DurableFiles.delete(path);
      }
    }
  }

  /// The digest of a release: SHA-256 over the sorted lines `NAME SHA256\n` of its artifacts.
  static String digest(List<ArtifactZip> artifacts) {
    var digest = sha256();
    artifacts.stream()
        .sorted(Comparator.comparing(ArtifactZip::name))
        .forEach(a -> digest.update((a.name() + " " + a.sha256() + "\n").getBytes(UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  Path folder(String digest) {
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "'" + digest + "' is no SHA-256 digest", "Name a release.");
    }
    return folder.resolve(digest);
  }

  UnpackedRelease unpack(List<ArtifactZip> artifacts) throws IOException {
    var digest = digest(artifacts);
    var target = folder(digest);
    if (isTakenUp(target)) {
      return new UnpackedRelease(digest, target);
    }
    var half = folder.resolve(HALF_DONE + UUID.randomUUID());
    try {
      var files = Files.createDirectories(half.resolve("files"));
      var budget = releaseBytes;
      for (var artifact : artifacts) {
        var zip = half.resolve("artifact.zip");
        fetch(artifact, zip);
        budget = extract(artifact.name(), zip, files, budget);
        Files.delete(zip);
      }
      Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxr-xr-x"));
      publish(files, target);
    } finally {
      DurableFiles.delete(half);
    }
    return new UnpackedRelease(digest, target);
  }

  /// Whether it is there; then it counts as unpacked just now, so that nobody deletes it before the
  /// process that needs it is known.
  private synchronized boolean isTakenUp(Path target) throws IOException {
    if (!Files.isDirectory(target)) {
      return false;
    }
    // Any change of the attributes sets the time that deleteAllBut goes by.
    Files.setLastModifiedTime(target, FileTime.from(clock.instant()));
    return true;
  }

  private void publish(Path files, Path target) throws IOException {
    try {
      Files.move(files, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another thread unpacked the same bytes first; its folder is as good as ours.
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
    DurableFiles.syncFolder(folder);
  }

  private static void fetch(ArtifactZip artifact, Path zip) throws IOException {
    var digest = sha256();
    try (InputStream in = new DigestInputStream(artifact.content().open(), digest);
        var out = Files.newOutputStream(zip)) {
      copy(in, out, TargetLimits.ZIP_BYTES, artifact.name());
    }
    var actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equals(artifact.sha256())) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "artifact %s has the digest %s, not %s"
              .formatted(artifact.name(), actual, artifact.sha256()),
          "Its stored bytes are damaged; run the workflow again.");
    }
  }

  /// @return what is left of the budget
  private static long extract(String artifact, Path zip, Path into, long budget)
      throws IOException {
    var left = budget;
    var directory = ZipDirectory.read(zip, artifact);
    try (var file = new ZipFile(zip.toFile(), UTF_8)) {
      for (var entry : directory.entrySet()) {
        var path = into.resolve(entry.getKey());
        if (!path.normalize().startsWith(into)) {
          throw ZipDirectory.refused(artifact, "'" + entry.getKey() + "' leaves its folder");
        }
        if (entry.getValue().directory()) {
          folders(into, Path.of(entry.getKey()));
          continue;
        }
        folders(into, Path.of(entry.getKey()).getParent());
        var content = file.getEntry(entry.getKey());
        if (content == null) {
          throw ZipDirectory.refused(artifact, "'" + entry.getKey() + "' has no content");
        }
        try (var in = file.getInputStream(content)) {
          left -= write(in, path, left, artifact);
        }
        Files.setPosixFilePermissions(path, permissions(path, entry.getValue().mode()));
      }
    } catch (FileAlreadyExistsException e) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          "artifact %s has '%s', which is there already"
              .formatted(artifact, into.relativize(Path.of(e.getFile()))),
          "Give the files of a release's artifacts different names.",
          e);
    }
    return left;
  }

  private static void folders(Path into, @Nullable Path relative) throws IOException {
    if (relative == null) {
      return;
    }
    var folder = into;
    for (var name : relative) {
      folder = folder.resolve(name);
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  private static long write(InputStream in, Path path, long limit, String artifact)
      throws IOException {
    try (var channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var written = copy(in, Channels.newOutputStream(channel), limit, artifact);
      channel.force(true);
      return written;
    }
  }

  private static long copy(InputStream in, OutputStream out, long limit, String artifact)
      throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    var total = 0L;
    for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      total += read;
      if (total > limit) {
        throw ZipDirectory.tooLarge(artifact, "more than " + limit + " bytes to store");
      }
      out.write(buffer, 0, read);
    }
    return total;
  }

  /// Readable by all, writable by none but us. What may be executed is said by the archive or,
  /// where it has no modes, by the file itself: a `#!` line or an ELF header.
  private static Set<PosixFilePermission> permissions(Path path, int mode) throws IOException {
    var permissions = EnumSet.copyOf(PosixFilePermissions.fromString("rw-r--r--"));
    if (mode == 0 ? looksExecutable(path) : (mode & 0b001_001_001) != 0) {
      permissions.addAll(PosixFilePermissions.fromString("--x--x--x"));
    }
    return permissions;
  }

  private static boolean looksExecutable(Path path) throws IOException {
    try (var in = Files.newInputStream(path)) {
      var head = in.readNBytes(ELF.length);
      return Arrays.equals(head, ELF) || (head.length > 2 && head[0] == '#' && head[1] == '!');
    }
  }

  /// Deletes all releases but those to keep and those unpacked a short while ago.
  ///
  /// @return the digests of what is gone
  synchronized List<String> deleteAllBut(Set<String> keep) throws IOException {
    var kept = new HashSet<>(keep);
    var gone = new ArrayList<String>();
    var youngest = clock.instant().minus(TargetLimits.UNREFERENCED_KEPT);
    try (var present = Files.newDirectoryStream(folder)) {
      for (var path : present) {
        var name = path.getFileName().toString();
        var unpackedAt = Files.readAttributes(path, "unix:ctime").get("ctime");
        var old = unpackedAt instanceof FileTime time && time.toInstant().isBefore(youngest);
        if (old && !kept.contains(name) && !name.startsWith(HALF_DONE)) {
          // Renamed first, so that a crash in the middle leaves no half release under its digest.
          var half = folder.resolve(HALF_DONE + UUID.randomUUID());
          Files.move(path, half, StandardCopyOption.ATOMIC_MOVE);
          DurableFiles.delete(half);
          gone.add(name);
        }
      }
    }
    return gone;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
