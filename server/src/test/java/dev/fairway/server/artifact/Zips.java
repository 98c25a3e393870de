package dev.fairway.server.artifact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Zips for tests, safe and unsafe ones.
final class Zips {
  private Zips() {}

  /// A zip with one file per pair of name and text.
  static byte[] of(String... namesAndTexts) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes, UTF_8)) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        var entry = new ZipEntry(namesAndTexts[i]);
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(namesAndTexts[i + 1].getBytes(UTF_8));
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /// A zip with one file of that many zeros.
  static byte[] ofZeros(long count) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes, UTF_8)) {
      zip.putNextEntry(new ZipEntry("zeros"));
      var block = new byte[1 << 20];
      for (long left = count; left > 0; left -= block.length) {
        zip.write(block, 0, (int) Math.min(left, block.length));
      }
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /// The zip with every occurrence of some bytes replaced by others of the same length.
  static byte[] replace(byte[] zip, String from, String to) {
    var text = new String(zip, ISO_8859_1);
    return text.replace(from, to).getBytes(ISO_8859_1);
  }

  /// The index of the first directory entry.
  static int directory(byte[] zip) {
    for (int i = 0; i + 4 <= zip.length; i++) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 1 && zip[i + 3] == 2) {
        return i;
      }
    }
    throw new AssertionError("no directory");
  }
}
