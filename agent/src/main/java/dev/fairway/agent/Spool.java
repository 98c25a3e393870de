package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Records that the server has not taken yet: appended by the job, read again by number of byte.
/// The log is one spool; the events are another, of which [#starts] remembers each one's place.
///
/// A short one stays in memory; a longer one goes to disk as a whole.
final class Spool implements AutoCloseable {
  private static final int IN_MEMORY = 32 * 1024;

  private final Path path;
  private final String what;
  private byte[] memory = new byte[1024];
  private @Nullable FileChannel file;
  private long size;
  private long[] starts = new long[64];
  private int records;

  /// @param path of the file, which is made with its folder when it is needed
  /// @param what it holds, for messages
  Spool(Path path, String what) {
    this.path = path;
    this.what = what;
  }

  synchronized void append(byte[] bytes, int length) {
    if (records == starts.length) {
      starts = Arrays.copyOf(starts, records * 2);
    }
    if (file == null && size + length <= IN_MEMORY) {
      keep(bytes, length);
    } else {
      write(bytes, length);
    }
    starts[records++] = size;
    size += length;
  }

  private void keep(byte[] bytes, int length) {
    var end = (int) size + length;
    if (end > memory.length) {
      memory = Arrays.copyOf(memory, Math.clamp(2L * memory.length, end, IN_MEMORY));
    }
    System.arraycopy(bytes, 0, memory, (int) size, length);
  }

  private void write(byte[] bytes, int length) {
    try {
      writeAll(file == null ? spill() : file, bytes, length, size);
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The agent cannot keep the job's " + what + ": " + e.getMessage(),
          "See that the disk of the agent's data folder has room.",
          e);
    }
  }

  /// Moves what is in memory to disk; where that fails, all of it is still in memory.
  private FileChannel spill() throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    var channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      writeAll(channel, memory, (int) size, 0);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    file = channel;
    memory = new byte[0];
    return channel;
  }

  private static void writeAll(FileChannel channel, byte[] bytes, int length, long from)
      throws IOException {
    var buffer = ByteBuffer.wrap(bytes, 0, length);
    for (var at = from; buffer.hasRemaining(); ) {
      at += channel.write(buffer, at);
    }
  }

  synchronized long size() {
    return size;
  }

  synchronized int records() {
    return records;
  }

  /// How many bytes there are from that record on.
  synchronized long bytesFrom(int number) {
    return number < records ? size - starts[number] : 0;
  }

  synchronized byte[] record(int number) throws IOException {
    var end = number + 1 < records ? starts[number + 1] : size;
    return read(starts[number], (int) (end - starts[number]));
  }

  /// Up to `most` bytes from `offset`.
  byte[] read(long offset, int most) throws IOException {
    FileChannel channel;
    int length;
    synchronized (this) {
      length = (int) Math.min(most, size - offset);
      channel = file;
      if (channel == null) {
        return Arrays.copyOfRange(memory, (int) offset, (int) offset + length);
      }
    }
    var buffer = ByteBuffer.allocate(length);
    for (var count = 0; count >= 0 && buffer.hasRemaining(); ) {
      count = channel.read(buffer, offset + buffer.position());
    }
    return buffer.array();
  }

  @Override
  public synchronized void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
