package dev.fairway.server.run.report;

import dev.fairway.server.run.report.TestReport.TestCase;
import dev.fairway.server.run.report.TestReport.Verdict;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// Reads one report.
final class JUnitXml {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME_CHARS = 400;
  private static final int MAX_MESSAGE_CHARS = 1_000;
  private static final int MAX_DETAIL_CHARS = 16 << 10;
  private static final int MAX_COUNTED_CASES = 1_000_000;

  private final String file;
  private final XMLStreamReader xml;
  private final List<String> suites = new ArrayList<>();
  private final List<TestCase> cases = new ArrayList<>();
  private final List<String> passedNames = new ArrayList<>();
  private int passed;
  private int failed;
  private int skipped;
  private long durationMillis;

  private JUnitXml(String file, XMLStreamReader xml) {
    this.file = file;
    this.xml = xml;
  }

  /// The report, or empty where the document is something else than one.
  ///
  /// @throws XMLStreamException where it is not well-formed, has a DTD, or breaks a limit
  static Optional<TestReport> read(String file, InputStream in) throws XMLStreamException {
    var factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    var xml = factory.createXMLStreamReader(in);
    try {
      while (xml.hasNext() && xml.next() != XMLStreamConstants.START_ELEMENT) {
        if (xml.getEventType() == XMLStreamConstants.DTD) {
          throw new XMLStreamException("a document type is not allowed", xml.getLocation());
        }
      }
      var root = xml.isStartElement() ? xml.getLocalName() : "";
      return root.equals("testsuites") || root.equals("testsuite")
          ? Optional.of(new JUnitXml(file, xml).report())
          : Optional.empty();
    } finally {
      xml.close();
    }
  }

  private TestReport report() throws XMLStreamException {
    suites.add(attribute("name"));
    var depth = 1;
    while (depth > 0) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          if (++depth > MAX_DEPTH) {
            throw new XMLStreamException("nested deeper than " + MAX_DEPTH, xml.getLocation());
          }
          if (xml.getLocalName().equals("testcase")) {
            testCase();
            depth--;
          } else if (xml.getLocalName().equals("testsuite")) {
            suites.add(attribute("name"));
          }
        }
        case XMLStreamConstants.END_ELEMENT -> {
          depth--;
          if (xml.getLocalName().equals("testsuite") && suites.size() > 1) {
            suites.removeLast();
          }
        }
        default -> {}
      }
    }
    return new TestReport(file, passed, failed, skipped, durationMillis, cases, passedNames);
  }

  private void testCase() throws XMLStreamException {
    var suite = attribute("classname");
    var name = attribute("name");
    var millis = millis(attribute("time"));
    @Nullable Verdict verdict = null;
    var message = "";
    var detail = "";
    var depth = 1;
    while (depth > 0) {
      var event = xml.next();
      if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
      } else if (event == XMLStreamConstants.START_ELEMENT) {
        var found = verdict(xml.getLocalName());
        if (found != null && verdict != Verdict.FAILED) {
          verdict = found;
          message = cut(attribute("message"), MAX_MESSAGE_CHARS);
          detail = text();
        } else {
          skip();
        }
      }
    }
    count(suite.isEmpty() ? suites.getLast() : suite, name, verdict, message, detail, millis);
  }

  private void count(
      String suite,
      String name,
      @Nullable Verdict verdict,
      String message,
      String detail,
      long millis)
      throws XMLStreamException {
    durationMillis += millis;
    if (passed + failed + skipped >= MAX_COUNTED_CASES) {
      throw new XMLStreamException("more than " + MAX_COUNTED_CASES + " cases", xml.getLocation());
    }
    switch (verdict) {
      case null -> {
        passed++;
        if (passedNames.size() < TestReport.MAX_NAMES) {
          passedNames.add(suite + "." + name);
        }
      }
      case FAILED -> failed++;
      case SKIPPED -> skipped++;
    }
    if (verdict != null && cases.size() < TestReport.MAX_CASES) {
      var shown = message.isEmpty() ? detail.lines().findFirst().orElse("") : message;
      cases.add(new TestCase(suite, name, verdict, cut(shown, MAX_MESSAGE_CHARS), detail, millis));
    }
  }

  private static @Nullable Verdict verdict(String element) {
    return switch (element) {
      case "failure", "error" -> Verdict.FAILED;
      case "skipped" -> Verdict.SKIPPED;
      default -> null;
    };
  }

  /// The text of the element that was just begun, up to its end.
  private String text() throws XMLStreamException {
    var text = new StringBuilder();
    var depth = 1;
    while (depth > 0) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> depth++;
        case XMLStreamConstants.END_ELEMENT -> depth--;
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (text.length() < MAX_DETAIL_CHARS) {
            text.append(xml.getText());
          }
        }
        default -> {}
      }
    }
    return cut(text.toString().strip(), MAX_DETAIL_CHARS);
  }

  private void skip() throws XMLStreamException {
    var depth = 1;
    while (depth > 0) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> depth++;
        case XMLStreamConstants.END_ELEMENT -> depth--;
        default -> {}
      }
    }
  }

  private String attribute(String name) {
    return cut(Objects.requireNonNullElse(xml.getAttributeValue(null, name), ""), MAX_NAME_CHARS);
  }

  private static long millis(String seconds) {
    try {
      var value = Double.parseDouble(seconds.replace(",", ""));
      return value >= 0 && value < 1e9 ? Math.round(value * 1_000) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max - 1) + "…";
  }
}
