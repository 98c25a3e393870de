package dev.fairway.server.run.report;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import javax.xml.stream.XMLStreamException;

/// Finds the reports of tests and of their coverage inside of an artifact.
public final class ReportZip {
  /// As many files of an artifact are looked at.
  private static final int MAX_FILES = 10_000;

  /// A report may have so many bytes; a larger one is named as unreadable.
  static final int MAX_FILE_BYTES = 32 << 20;

  /// As much of an artifact is unpacked.
  private static final long MAX_BYTES = 512L << 20;

  private static final int MAX_UNREADABLE = 100;

  /// As many characters of cases are kept of an artifact; of what follows only the counts.
  private static final long MAX_KEPT_CHARS = 8L << 20;

  /// What an artifact holds.
  ///
  /// @param unreadable one sentence for each file that looks like a report and cannot be read
  public record Found(List<TestReport> reports, List<Coverage> coverage, List<String> unreadable) {
    public Found {
      reports = List.copyOf(reports);
      coverage = List.copyOf(coverage);
      unreadable = List.copyOf(unreadable);
    }
  }

  /// What a sentence calls the zip itself.
  private static final String WHOLE = "the archive";

  private final List<TestReport> reports = new ArrayList<>();
  private final List<Coverage> coverage = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();
  private long kept;

  private ReportZip() {}

  /// Reads the zip to its end or to a limit. An artifact that is not a zip has no reports.
  public static Found read(InputStream zip) throws IOException {
    var found = new ReportZip();
    var files = 0;
    var left = MAX_BYTES;
    try (var entries = new ZipInputStream(zip)) {
      ZipEntry entry;
      while (files++ < MAX_FILES && left > 0 && (entry = entries.getNextEntry()) != null) {
        var bytes = new Bounded(entries, Math.min(left, MAX_FILE_BYTES));
        if (!entry.isDirectory()) {
          found.file(entry.getName(), bytes);
        }
        // The end of an entry is known only after its content.
        left -= bytes.read + skip(entries, left - bytes.read);
      }
    } catch (EOFException | ZipException e) {
      found.unreadable(WHOLE, 0, "it is damaged");
    }
    return new Found(found.reports, found.coverage, found.unreadable);
  }

  private void file(String name, Bounded bytes) throws IOException {
    var in = new BufferedInputStream(bytes);
    in.mark(ReportFormat.HEAD_BYTES);
    var format = ReportFormat.of(in.readNBytes(ReportFormat.HEAD_BYTES));
    in.reset();
    try {
      switch (format) {
        case XML -> xml(name, in);
        case TAP -> keep(Tap.read(name, new BoundedLines(in)));
        case GO_TEST -> keep(GoTestJson.read(name, new BoundedLines(in)));
        case LCOV -> coverage.add(Lcov.read(name, new BoundedLines(in)));
        case NONE -> {}
      }
    } catch (XMLStreamException e) {
      if (bytes.exceeded) {
        unreadable(name, 0, "it has more than " + MAX_FILE_BYTES + " bytes");
      } else {
        unreadable(name, e.getLocation() == null ? 0 : e.getLocation().getLineNumber(), "");
      }
    } catch (UnreadableReportException e) {
      unreadable(name, e.line(), String.valueOf(e.getMessage()));
    } catch (Exceeded e) {
      unreadable(name, 0, "it has more than " + MAX_FILE_BYTES + " bytes");
    }
  }

  private void xml(String name, InputStream in)
      throws XMLStreamException, UnreadableReportException {
    try (var xml = new XmlCursor(in)) {
      switch (root(xml)) {
        case "testsuites", "testsuite" -> {
          if (xml.typed()) {
            throw new UnreadableReportException("a document type is not allowed", 1);
          }
          keep(JUnitXml.read(name, xml));
        }
        case "TestRun" -> keep(Trx.read(name, xml));
        case "report" -> {
          var found = CoverageXml.jacoco(name, xml);
          if (found.lines() > 0) {
            coverage.add(found);
          }
        }
        case "coverage" -> {
          // Others call their root so too; Cobertura's always has a rate.
          if (xml.has("line-rate")) {
            coverage.add(CoverageXml.cobertura(name, xml));
          }
        }
        default -> {}
      }
    }
  }

  /// The name of the root; empty where there is none to be found. Whatever begins with `<` comes
  /// here, HTML too, and nobody wants to hear of that.
  private static String root(XmlCursor xml) {
    try {
      return xml.root();
    } catch (XMLStreamException e) {
      return "";
    }
  }

  private void keep(TestReport report) {
    var shortened = kept < MAX_KEPT_CHARS ? report : report.counts();
    kept += shortened.chars();
    reports.add(shortened);
  }

  private void unreadable(String name, long line, String why) {
    if (unreadable.size() < MAX_UNREADABLE) {
      unreadable.add(
          name
              + (line > 0 ? ":" + line : "")
              + " cannot be read as a report"
              + (why.isEmpty() ? "" : ": " + why));
    }
  }

  /// Unpacks into nothing.
  private static long skip(InputStream in, long most) throws IOException {
    var skipped = 0L;
    var buffer = new byte[16 << 10];
    int read;
    while (skipped < most && (read = in.read(buffer)) >= 0) {
      skipped += read;
    }
    return skipped;
  }

  /// More came than a report may have.
  private static final class Exceeded extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /// One entry of the zip, which stays open when this is closed.
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private final long most;
    private long read;
    private boolean exceeded;

    Bounded(InputStream in, long most) {
      this.in = in;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (read >= most) {
        exceeded = true;
        throw new Exceeded();
      }
      var count = in.read(buffer, offset, (int) Math.min(length, most - read));
      read += Math.max(0, count);
      return count;
    }
  }
}
