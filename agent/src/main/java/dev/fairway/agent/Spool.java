package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// Records on disk that the server has not taken yet: appended by the job, read again by number of
/// byte. The log is one spool; the events are another, of which [#starts] remembers each one's
/// place.
final class Spool implements AutoCloseable {
  private final FileChannel file;
  private final String what;
  private long size;
  private long[] starts = new long[64];
  private int records;

  /// @param what it holds, for messages
  Spool(Path path, String what) throws IOException {
    this.file =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    this.what = what;
  }

  synchronized void append(byte[] bytes, int length) {
    if (records == starts.length) {
      starts = Arrays.copyOf(starts, records * 2);
    }
    try {
      var buffer = ByteBuffer.wrap(bytes, 0, length);
      for (var at = size; buffer.hasRemaining(); ) {
        at += file.write(buffer, at);
      }
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The agent cannot keep the job's " + what + ": " + e.getMessage(),
          "See that the disk of the agent's data folder has room.",
          e);
    }
    starts[records++] = size;
    size += length;
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
    var buffer = ByteBuffer.allocate((int) Math.min(most, size() - offset));
    for (var count = 0; count >= 0 && buffer.hasRemaining(); ) {
      count = file.read(buffer, offset + buffer.position());
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
