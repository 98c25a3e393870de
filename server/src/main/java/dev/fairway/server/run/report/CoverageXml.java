package dev.fairway.server.run.report;

import java.util.ArrayDeque;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;

/// Coverage as JaCoCo and Cobertura write it.
final class CoverageXml {
  private static final Pattern CONDITIONS = Pattern.compile("\\((\\d{1,6})/(\\d{1,6})\\)");

  private CoverageXml() {}

  /// JaCoCo states the sums of the whole as children of the root.
  static Coverage jacoco(String file, XmlCursor xml)
      throws XMLStreamException, UnreadableReportException {
    long[] lines = {0, 0};
    long[] branches = {0, 0};
    while (xml.next()) {
      if (xml.starts("counter") && xml.depth() == 2) {
        var covered = xml.number("covered");
        var both = covered + xml.number("missed");
        switch (xml.attribute("type")) {
          case "LINE" -> lines = new long[] {covered, both};
          case "BRANCH" -> branches = new long[] {covered, both};
          default -> {}
        }
      }
    }
    return Coverage.stated(file, lines[0], lines[1], branches[0], branches[1]);
  }

  /// Cobertura states the sums in the root; older writers do not, then the lines are counted.
  static Coverage cobertura(String file, XmlCursor xml)
      throws XMLStreamException, UnreadableReportException {
    var stated = xml.has("lines-valid");
    var coveredLines = xml.number("lines-covered");
    var lines = xml.number("lines-valid");
    var coveredBranches = xml.number("branches-covered");
    var branches = xml.number("branches-valid");
    var open = new ArrayDeque<String>();
    open.push(xml.name());
    while (xml.next()) {
      if (!xml.isStart()) {
        open.pop();
        continue;
      }
      // The lines of a class; those of its methods are the same once more.
      if (!stated && xml.starts("line") && isOfClass(open)) {
        lines++;
        coveredLines += xml.number("hits") > 0 ? 1 : 0;
        var conditions = CONDITIONS.matcher(xml.attribute("condition-coverage"));
        if (conditions.find()) {
          coveredBranches += Long.parseLong(conditions.group(1));
          branches += Long.parseLong(conditions.group(2));
        }
      }
      open.push(xml.name());
    }
    return Coverage.stated(file, coveredLines, lines, coveredBranches, branches);
  }

  private static boolean isOfClass(ArrayDeque<String> open) {
    var above = open.iterator();
    return above.hasNext()
        && above.next().equals("lines")
        && above.hasNext()
        && above.next().equals("class");
  }
}
