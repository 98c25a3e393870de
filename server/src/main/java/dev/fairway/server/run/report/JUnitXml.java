package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.Verdict;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;

/// The format that JUnit's Ant task began and most tools write.
final class JUnitXml {
  private final XmlCursor xml;
  private final CaseCollector cases;
  private final List<String> suites = new ArrayList<>();

  private JUnitXml(String file, XmlCursor xml) {
    this.xml = xml;
    this.cases = new CaseCollector(file);
  }

  /// Reads from the root element on.
  static TestReport read(String file, XmlCursor xml)
      throws XMLStreamException, UnreadableReportException {
    return new JUnitXml(file, xml).report();
  }

  private TestReport report() throws XMLStreamException, UnreadableReportException {
    suites.add(xml.attribute("name"));
    while (xml.next()) {
      if (xml.starts("testcase")) {
        testCase();
      } else if (xml.starts("testsuite")) {
        suites.add(xml.attribute("name"));
      } else if (xml.ends("testsuite") && suites.size() > 1) {
        suites.removeLast();
      }
    }
    return cases.report();
  }

  private void testCase() throws XMLStreamException, UnreadableReportException {
    var suite = xml.attribute("classname");
    var name = xml.attribute("name");
    var millis = CaseCollector.millis(xml.attribute("time"));
    var verdict = Verdict.PASSED;
    var message = "";
    var detail = "";
    while (xml.next() && !xml.ends("testcase")) {
      if (xml.isStart()) {
        var found = verdict(xml.name());
        if (found != Verdict.PASSED && verdict != Verdict.FAILED) {
          verdict = found;
          message = xml.attribute("message");
          detail = xml.text();
        } else {
          xml.text();
        }
      }
    }
    cases.add(suite.isEmpty() ? suites.getLast() : suite, name, verdict, message, detail, millis);
  }

  private static Verdict verdict(String element) {
    return switch (element) {
      case "failure", "error" -> Verdict.FAILED;
      case "skipped" -> Verdict.SKIPPED;
      default -> Verdict.PASSED;
    };
  }
}
