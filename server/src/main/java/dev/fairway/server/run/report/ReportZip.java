package dev.fairway.server.run.report;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.xml.stream.XMLStreamException;

/// Finds the test reports inside of an artifact.
public final class ReportZip {
  /// As many files of an artifact are looked at.
  private static final int MAX_FILES = 10_000;

  /// A report may have so many bytes; a larger one is named as unreadable.
  private static final int MAX_FILE_BYTES = 16 << 20;

  /// As much of an artifact is unpacked.
  private static final long MAX_BYTES = 512L << 20;

  private static final int MAX_UNREADABLE = 100;

  /// As many characters of cases are kept of an artifact; of what follows only the counts.
  private static final long MAX_KEPT_CHARS = 8L << 20;

  /// What an artifact holds.
  ///
  /// @param unreadable one sentence for each file that looks like a report and cannot be read
  public record Found(List<TestReport> reports, List<String> unreadable) {
    public Found {
      reports = List.copyOf(reports);
      unreadable = List.copyOf(unreadable);
    }
  }

  private ReportZip() {}

  /// Reads the zip to its end or to a limit. An artifact that is not a zip has no reports.
  public static Found read(InputStream zip) throws IOException {
    var reports = new ArrayList<TestReport>();
    var unreadable = new ArrayList<String>();
    var files = 0;
    var total = 0L;
    var kept = 0L;
    try (var entries = new ZipInputStream(zip)) {
      ZipEntry entry;
      while ((entry = entries.getNextEntry()) != null && files++ < MAX_FILES && total < MAX_BYTES) {
        if (entry.isDirectory() || !entry.getName().toLowerCase(Locale.ROOT).endsWith(".xml")) {
          total += skip(entries, MAX_BYTES - total);
          continue;
        }
        var bytes = entries.readNBytes(MAX_FILE_BYTES + 1);
        total += bytes.length;
        if (bytes.length > MAX_FILE_BYTES) {
          note(unreadable, entry.getName() + " is longer than " + MAX_FILE_BYTES + " bytes");
          total += skip(entries, MAX_BYTES - total);
          continue;
        }
        try {
          var read = JUnitXml.read(entry.getName(), new ByteArrayInputStream(bytes));
          if (read.isPresent()) {
            var report = kept < MAX_KEPT_CHARS ? read.get() : read.get().counts();
            kept += report.chars();
            reports.add(report);
          }
        } catch (XMLStreamException e) {
          var line = e.getLocation() == null ? 0 : e.getLocation().getLineNumber();
          note(unreadable, entry.getName() + ":" + line + " cannot be read as a test report");
        }
      }
    }
    return new Found(reports, unreadable);
  }

  private static void note(List<String> unreadable, String sentence) {
    if (unreadable.size() < MAX_UNREADABLE) {
      unreadable.add(sentence);
    }
  }

  /// Unpacks into nothing: the end of an entry is known only after its content.
  private static long skip(InputStream in, long most) throws IOException {
    var skipped = 0L;
    var buffer = new byte[16 << 10];
    int read;
    while (skipped < most && (read = in.read(buffer)) >= 0) {
      skipped += read;
    }
    return skipped;
  }
}
