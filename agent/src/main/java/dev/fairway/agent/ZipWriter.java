package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes a zip whose bytes depend on names, contents and permissions alone: the caller adds
/// entries in order, and every entry carries the same time. The permissions stand where Unix tools
/// put them (`java.util.zip` cannot write those).
///
/// Without the 64-bit extension; its limits are below what that would be needed for.
///
/// Format: APPNOTE.TXT 6.3.3 of PKWARE, sections 4.3.7 and 4.3.12 to 4.3.16.
final class ZipWriter implements AutoCloseable {
  static final int MAX_ENTRIES = 50_000;
  static final long MAX_CONTENT_BYTES = 3L << 30;

  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final short VERSION = 20;
  private static final short MADE_BY_UNIX = 3 << 8 | VERSION;
  private static final short UTF8_NAMES = 1 << 11;
  private static final short DEFLATED = 8;
  // 1980-01-01 00:00:00, the first time that the format knows.
  private static final short TIME = 0;
  private static final short DATE = 1 << 5 | 1;
  private static final int REGULAR_FILE = 0100000;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final FileChannel file;
  private final long limit;
  private final Deflater deflater;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final byte[] plain = new byte[BUFFER_BYTES];
  private final byte[] packed = new byte[BUFFER_BYTES];
  private int entries;
  private long content;

  /// @param level of compression, 0 to 9
  /// @param limit how many bytes the zip may have
  ZipWriter(Path zip, int level, long limit) throws IOException {
    this.file = FileChannel.open(zip, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.deflater = new Deflater(level, true);
    this.limit = limit;
  }

  /// @param name with `/` between folders
  /// @param mode the nine permission bits
  void add(String name, int mode, InputStream bytes) throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw tooLarge("more than " + MAX_ENTRIES + " files");
    }
    var nameBytes = name.getBytes(StandardCharsets.UTF_8);
    if (nameBytes.length > 0xffff) {
      throw tooLarge("a file name longer than 65535 bytes");
    }
    var start = file.position();
    file.position(start + 30 + nameBytes.length);
    var crc = new CRC32();
    deflater.reset();
    var before = content;
    for (var count = bytes.read(plain); count >= 0; count = bytes.read(plain)) {
      content += count;
      if (content > MAX_CONTENT_BYTES) {
        throw tooLarge("more than " + MAX_CONTENT_BYTES + " bytes of files");
      }
      crc.update(plain, 0, count);
      deflater.setInput(plain, 0, count);
      drain();
    }
    deflater.finish();
    drain();
    var end = file.position();
    var sizes = new int[] {(int) (end - start - 30 - nameBytes.length), (int) (content - before)};
    var header = common(LOCAL_HEADER, 30, false, crc, sizes, nameBytes);
    header.putShort((short) 0).flip();
    write(header, start);
    write(ByteBuffer.wrap(nameBytes), start + 30);
    var central = common(CENTRAL_HEADER, 46, true, crc, sizes, nameBytes);
    central.putShort((short) 0).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    central.putInt((REGULAR_FILE | mode) << 16).putInt((int) start);
    var record = new byte[46];
    central.flip().get(record);
    directory.writeBytes(record);
    directory.writeBytes(nameBytes);
  }

  @Override
  public void close() throws IOException {
    try (file) {
      var start = file.position();
      write(ByteBuffer.wrap(directory.toByteArray()), start);
      var end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
      end.putInt(END).putShort((short) 0).putShort((short) 0);
      end.putShort((short) entries).putShort((short) entries);
      end.putInt(directory.size()).putInt((int) start).putShort((short) 0).flip();
      write(end, start + directory.size());
    } finally {
      deflater.end();
    }
  }

  private static ByteBuffer common(
      int signature, int size, boolean central, CRC32 crc, int[] sizes, byte[] name) {
    var header = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(signature);
    if (central) {
      header.putShort(MADE_BY_UNIX);
    }
    header.putShort(VERSION).putShort(UTF8_NAMES).putShort(DEFLATED).putShort(TIME).putShort(DATE);
    header.putInt((int) crc.getValue()).putInt(sizes[0]).putInt(sizes[1]);
    return header.putShort((short) name.length);
  }

  private void drain() throws IOException {
    for (var count = deflater.deflate(packed); count > 0; count = deflater.deflate(packed)) {
      var bytes = ByteBuffer.wrap(packed, 0, count);
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      if (file.position() > limit) {
        throw tooLarge("more than " + limit + " bytes as a zip");
      }
    }
  }

  private void write(ByteBuffer bytes, long position) throws IOException {
    for (var at = position; bytes.hasRemaining(); ) {
      at += file.write(bytes, at);
    }
  }

  private static FairwayException tooLarge(String what) {
    return new FairwayException(
        ErrorCode.TOO_LARGE,
        "The artifact would have " + what,
        "Upload less, or several artifacts.");
  }
}
