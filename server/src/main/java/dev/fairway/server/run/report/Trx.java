package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.Verdict;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/// What Visual Studio's test runner writes, and `dotnet test --logger trx`.
///
/// The classes of the tests stand behind their results, so both are gathered first.
final class Trx {
  private static final int MAX_RESULTS = 200_000;

  private final XmlCursor xml;
  private final String file;
  private final List<Result> results = new ArrayList<>();
  private final Map<String, String> classes = new HashMap<>();

  private record Result(
      String id, String name, Verdict verdict, String message, String detail, long millis) {}

  private Trx(String file, XmlCursor xml) {
    this.file = file;
    this.xml = xml;
  }

  /// Reads from the root element on.
  static TestReport read(String file, XmlCursor xml)
      throws XMLStreamException, UnreadableReportException {
    return new Trx(file, xml).report();
  }

  private TestReport report() throws XMLStreamException, UnreadableReportException {
    var test = "";
    while (xml.next()) {
      if (xml.starts("UnitTestResult")) {
        result();
      } else if (xml.starts("UnitTest")) {
        test = xml.attribute("id");
      } else if (xml.starts("TestMethod") && classes.size() < MAX_RESULTS) {
        // An assembly may follow after a comma.
        classes.put(test, xml.attribute("className").split(",", 2)[0].strip());
      }
    }
    var cases = new CaseCollector(file);
    for (var result : results) {
      var suite = classes.getOrDefault(result.id, "");
      var name =
          result.name.startsWith(suite + ".") && !suite.isEmpty()
              ? result.name.substring(suite.length() + 1)
              : result.name;
      cases.add(suite, name, result.verdict, result.message, result.detail, result.millis);
    }
    return cases.report();
  }

  /// A test with data of its own has a result for each row inside of it; then those count.
  private void result() throws XMLStreamException, UnreadableReportException {
    var id = xml.attribute("testId");
    var name = xml.attribute("testName");
    var verdict = verdict(xml.attribute("outcome"));
    var millis = millis(xml.attribute("duration"));
    var message = "";
    var trace = "";
    var before = results.size();
    while (xml.next() && !xml.ends("UnitTestResult")) {
      if (xml.starts("UnitTestResult")) {
        result();
      } else if (xml.starts("Message") && message.isEmpty()) {
        message = xml.text();
      } else if (xml.starts("StackTrace") && trace.isEmpty()) {
        trace = xml.text();
      }
    }
    if (results.size() > before) {
      return;
    }
    if (results.size() >= MAX_RESULTS) {
      throw new UnreadableReportException("it has more than " + MAX_RESULTS + " results", 0);
    }
    var line = message.lines().findFirst().orElse("");
    var detail = message.equals(line) ? trace : message + "\n" + trace;
    results.add(new Result(id, name, verdict, line, detail, millis));
  }

  private static Verdict verdict(String outcome) {
    return switch (outcome) {
      case "Passed", "PassedButRunAborted", "Completed", "Warning" -> Verdict.PASSED;
      case "NotExecuted", "NotRunnable", "Inconclusive", "Pending", "Disconnected", "InProgress" ->
          Verdict.SKIPPED;
      default -> Verdict.FAILED;
    };
  }

  /// Milliseconds of `00:00:01.2345678`.
  private static long millis(String duration) {
    try {
      return Duration.between(LocalTime.MIDNIGHT, LocalTime.parse(duration)).toMillis();
    } catch (DateTimeParseException e) {
      return 0;
    }
  }
}
