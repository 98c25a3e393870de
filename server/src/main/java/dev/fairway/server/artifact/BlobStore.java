package dev.fairway.server.artifact;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Bytes in a folder, each once, by their SHA-256.
///
/// A file stands under its digest only when all of it is on the disk: it is written elsewhere,
/// synced, and renamed. Whatever a crash leaves in `incoming` is deleted at a later start, when no
/// other server can be writing it any more.
public final class BlobStore {
  private static final Logger LOG = LoggerFactory.getLogger(BlobStore.class);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final int BUFFER_BYTES = 64 << 10;

  /// An upload that another server takes in writes more often than that.
  private static final Duration MAX_SILENCE = Duration.ofHours(1);

  private final Path blobs;
  private final Path incoming;

  /// @param data the server's data folder
  BlobStore(Path data, InstantSource clock) {
    this.blobs = data.resolve("blobs");
    this.incoming = blobs.resolve("incoming");
    try {
      Files.createDirectories(incoming);
      try (var left = Files.list(incoming)) {
        var limit = clock.instant().minus(MAX_SILENCE);
        for (var file : left.toList()) {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
            Files.deleteIfExists(file);
          }
        }
      }
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// Bytes that have arrived whole and have no place yet; closing throws them away.
  record Incoming(Path file, String digest, long size) implements AutoCloseable {
    @Override
    public void close() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("{} stays until the next start: {}", file, e.getMessage());
      }
    }
  }

  /// Takes bytes in.
  Incoming receive(InputStream body, long maxBytes) {
    var file = incoming.resolve(UUID.randomUUID().toString());
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var digest = sha256();
      var buffer = new byte[BUFFER_BYTES];
      var size = 0L;
      for (var length = read(body, buffer); length >= 0; length = read(body, buffer)) {
        size += length;
        if (size > maxBytes) {
          throw tooLarge(maxBytes);
        }
        digest.update(buffer, 0, length);
        var bytes = ByteBuffer.wrap(buffer, 0, length);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      channel.force(true);
      return new Incoming(file, HexFormat.of().formatHex(digest.digest()), size);
    } catch (IOException e) {
      discard(file);
      throw unavailable(e);
    } catch (RuntimeException e) {
      discard(file);
      throw e;
    }
  }

  /// Gives the bytes their place. The caller holds the lock of the blob's row.
  void keep(Incoming bytes) {
    var target = path(bytes.digest());
    try {
      if (Files.exists(target) && Files.size(target) == bytes.size()) {
        return;
      }
      var folder = folder(bytes.digest());
      Files.createDirectories(folder);
      Files.move(bytes.file(), target, StandardCopyOption.ATOMIC_MOVE);
      sync(folder);
      sync(blobs);
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// The files that have stood there since before that time: their sizes by digest, one folder of
  /// them after the other.
  void olderThan(Instant limit, Consumer<Map<String, Long>> folders) {
    try (var all = Files.newDirectoryStream(blobs, "[0-9a-f][0-9a-f]")) {
      for (var folder : all) {
        var sizes = new HashMap<String, Long>();
        try (var files = Files.newDirectoryStream(folder)) {
          for (var file : files) {
            var name = file.getFileName().toString();
            if (DIGEST.matcher(name).matches()
                && Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
              sizes.put(name, Files.size(file));
            }
          }
        }
        folders.accept(sizes);
      }
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// Deletes the bytes, if they are there. The caller holds the lock of the blob's row.
  void delete(String digest) {
    try {
      Files.deleteIfExists(path(digest));
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /// The file that holds those bytes, for reading only; fails where it is missing or has another
  /// length than it had.
  public Path require(String digest, long size) {
    var file = path(digest);
    try {
      var actual = Files.size(file);
      if (actual != size) {
        throw damaged(digest, "has " + actual + " of " + size + " bytes");
      }
      return file;
    } catch (NoSuchFileException e) {
      throw damaged(digest, "is missing");
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  private Path path(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException("not a digest: " + digest);
    }
    return folder(digest).resolve(digest);
  }

  private Path folder(String digest) {
    return blobs.resolve(digest.substring(0, 2));
  }

  private static int read(InputStream body, byte[] buffer) {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The upload broke off: " + e.getMessage(), "Send it again.", e);
    }
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} stays until the next start: {}", file, e.getMessage());
    }
  }

  /// Makes a rename in that folder outlast a loss of power.
  private static void sync(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static FairwayException tooLarge(long maxBytes) {
    return new FairwayException(
        ErrorCode.TOO_LARGE,
        "The artifact is longer than " + maxBytes + " bytes",
        "Upload less, or split it into several artifacts.");
  }

  private static FairwayException damaged(String digest, String how) {
    return new FairwayException(
        ErrorCode.INTERNAL,
        "The stored bytes sha256:" + digest + " cannot be given out: the file " + how,
        "Restore the folder of blobs from its backup.");
  }

  private static FairwayException unavailable(IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "The folder of blobs cannot be used: " + e.getMessage(),
        "Free some space on the server's disk; nothing half-written is kept.",
        e);
  }
}
