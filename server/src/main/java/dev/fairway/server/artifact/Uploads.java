package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Bytes that arrive in parts, in a folder for each upload, until they are whole: in named blocks
/// that a list puts in order, or in stretches at an offset.
final class Uploads {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
  private static final String WHOLE = "whole";
  private static final String NOTE = "note";
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int MAX_BLOCK_NAME_CHARS = 100;

  /// As many as the protocol allows.
  private static final int MAX_BLOCKS = 50_000;

  private final Path folder;
  private final ConcurrentHashMap<UUID, Budget> budgets = new ConcurrentHashMap<>();

  /// @param data the server's data folder
  Uploads(Path data) {
    this.folder = data.resolve("uploads");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Begins anew; what has arrived under that id before goes.
  void begin(UUID upload) {
    discard(upload);
    try {
      Files.createDirectories(folder(upload));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Keeps what has to be known when it is whole, which another server may take care of.
  void note(UUID upload, String text) {
    try {
      Files.writeString(existing(upload).resolve(NOTE), text);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// What was noted of it.
  Optional<String> note(UUID upload) {
    try {
      return Optional.of(Files.readString(existing(upload).resolve(NOTE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Whether it has begun and not been taken.
  boolean known(UUID upload) {
    return Files.isDirectory(folder(upload));
  }

  /// Takes a block; the same name again replaces it.
  void block(UUID upload, String name, InputStream body, long maxBytes) {
    if (name.isEmpty() || name.length() > MAX_BLOCK_NAME_CHARS) {
      throw new FairwayException(ErrorCode.INVALID_INPUT, "The block has no usable id", "");
    }
    var replaced = size(existing(upload).resolve(file(name)));
    var room = budgets.compute(upload, (id, known) -> begun(id, known, maxBytes));
    room.give(replaced);
    var done = false;
    try {
      write(upload, file(name), body, room);
      done = true;
    } finally {
      if (!done) {
        room.force(replaced);
      }
      budgets.computeIfPresent(upload, (_, known) -> known.leave() ? null : known);
    }
  }

  /// The one of those who write blocks of that upload now, so that all of them together stay within
  /// the limit whatever they do at the same time. Another server counts what it finds.
  private Budget begun(UUID upload, @Nullable Budget known, long maxBytes) {
    var budget = known == null ? new Budget(maxBytes - used(upload)) : known;
    budget.join();
    return budget;
  }

  /// Takes everything at once.
  void whole(UUID upload, InputStream body, long maxBytes) {
    write(upload, WHOLE, body, new Budget(maxBytes));
  }

  /// Puts blocks in order; they are the upload now.
  void commit(UUID upload, List<String> names, long maxBytes) {
    if (names.size() > MAX_BLOCKS) {
      throw tooLarge();
    }
    try (var blocks = new SequenceInputStream(opened(upload, names))) {
      write(upload, WHOLE, blocks, new Budget(maxBytes));
      for (var name : names) {
        Files.deleteIfExists(folder(upload).resolve(file(name)));
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Each is opened when it is its turn: a list may name thousands.
  private Enumeration<InputStream> opened(UUID upload, List<String> names) {
    var left = names.iterator();
    return new Enumeration<>() {
      @Override
      public boolean hasMoreElements() {
        return left.hasNext();
      }

      @Override
      public InputStream nextElement() {
        try {
          return Files.newInputStream(folder(upload).resolve(file(left.next())));
        } catch (NoSuchFileException e) {
          throw new FairwayException(
              ErrorCode.INVALID_INPUT, "A block of the list has not arrived", "Send it again.", e);
        } catch (IOException e) {
          throw unusable(e);
        }
      }
    };
  }

  /// Takes bytes that stand at an offset.
  void stretch(UUID upload, long offset, InputStream body, long maxBytes) {
    try (var channel =
        FileChannel.open(
            existing(upload).resolve(WHOLE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.position(offset);
      copy(body, channel, new Budget(maxBytes - offset));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Opens what has arrived whole.
  InputStream open(UUID upload) {
    try {
      return Files.newInputStream(folder(upload).resolve(WHOLE));
    } catch (NoSuchFileException e) {
      throw new FairwayException(
          ErrorCode.INCOMPLETE, "Nothing was uploaded, or not to its end", "Upload it again.", e);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  void discard(UUID upload) {
    try {
      DurableFiles.delete(folder(upload));
    } catch (IOException e) {
      LOG.warn("The upload {} stays behind: {}", upload, e.getMessage());
    }
  }

  /// Forgets uploads that nobody has gone on with since that time.
  void expire(Instant limit) {
    try (var all = Files.newDirectoryStream(folder)) {
      for (var each : all) {
        if (Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
          DurableFiles.delete(each);
        }
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Written beside and renamed, so that a part is there wholly or not at all. What is not takes no
  /// room.
  private void write(UUID upload, String name, InputStream body, Budget room) {
    var target = existing(upload).resolve(name);
    var fresh = folder(upload).resolve(".new-" + UUID.randomUUID());
    try {
      try (var channel =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        copy(body, channel, room);
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unusable(e);
    } finally {
      deleteQuietly(fresh);
    }
  }

  private static void copy(InputStream body, FileChannel to, Budget room) throws IOException {
    var buffer = new byte[BUFFER_BYTES];
    var taken = 0L;
    var whole = false;
    try {
      for (var length = body.read(buffer); length >= 0; length = body.read(buffer)) {
        room.take(length);
        taken += length;
        var bytes = ByteBuffer.wrap(buffer, 0, length);
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      }
      whole = true;
    } finally {
      if (!whole) {
        room.give(taken);
      }
    }
  }

  /// The bytes of all parts that are there.
  private long used(UUID upload) {
    var total = 0L;
    var count = 0;
    try (var files = Files.newDirectoryStream(existing(upload))) {
      for (var file : files) {
        if (!file.endsWith(NOTE)) {
          total += size(file);
          count++;
        }
      }
    } catch (IOException e) {
      throw unusable(e);
    }
    if (count > MAX_BLOCKS) {
      throw tooLarge();
    }
    return total;
  }

  /// A part that is not there, or that another request has just moved, has none.
  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /// Bytes that may still be written.
  private static final class Budget {
    private long left;
    private int users;

    Budget(long left) {
      this.left = left;
    }

    synchronized void take(long bytes) {
      if (bytes > left) {
        throw tooLarge();
      }
      left -= bytes;
    }

    synchronized void give(long bytes) {
      left += bytes;
    }

    /// As [#take], of what is there anyway.
    synchronized void force(long bytes) {
      left -= bytes;
    }

    synchronized void join() {
      users++;
    }

    /// Whether nobody is left.
    synchronized boolean leave() {
      users--;
      return users == 0;
    }
  }

  private Path existing(UUID upload) {
    if (!known(upload)) {
      throw new FairwayException(
          ErrorCode.NOT_FOUND, "There is no such upload any more", "Begin it anew.");
    }
    return folder(upload);
  }

  private Path folder(UUID upload) {
    return folder.resolve(upload.toString());
  }

  /// A client chooses the names of blocks, so none becomes part of a path as it is.
  private static String file(String block) {
    return UUID.nameUUIDFromBytes(block.getBytes(UTF_8)) + ".block";
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} stays behind: {}", file, e.getMessage());
    }
  }

  private static FairwayException tooLarge() {
    return new FairwayException(
        ErrorCode.TOO_LARGE, "The upload is longer than what is allowed", "Upload less.");
  }

  private static FairwayException unusable(IOException e) {
    return new FairwayException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "An upload could not be written: " + e.getMessage(),
        "Send it again; if it stays so, look at the server's disk.",
        e);
  }
}
