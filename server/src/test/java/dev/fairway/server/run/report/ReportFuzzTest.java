package dev.fairway.server.run.report;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Whatever a job uploads as a report, its results are read or it is unreadable.
final class ReportFuzzTest {
  @FuzzTest
  void aReportIsReadOrUnreadable(byte[] file) throws IOException {
    var zip = new ByteArrayOutputStream();
    try (var out = new ZipOutputStream(zip)) {
      out.putNextEntry(new ZipEntry("TEST-fuzz.xml"));
      out.write(file);
      out.closeEntry();
    }
    ReportZip.read(new ByteArrayInputStream(zip.toByteArray()));
  }

  @FuzzTest
  void anArchiveIsReadOrNone(byte[] zip) {
    try {
      ReportZip.read(new ByteArrayInputStream(zip));
    } catch (IOException e) {
      // Only a checked zip gets there, and a damaged one is refused before.
      if (e.getMessage() == null) {
        throw new AssertionError("a refusal without a word", e);
      }
    }
  }
}
