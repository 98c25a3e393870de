package dev.fairway.server.run.report;

import dev.fairway.api.Json;
import dev.fairway.server.run.report.TestReport.Verdict;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What `go test -json` writes: one event in each line.
///
/// A test with subtests counts only where it failed and none of them did. A package that failed
/// without a failed test, such as one that does not compile, counts as a failed test of its own.
final class GoTestJson {
  private static final int MAX_OPEN = 20_000;
  private static final String WHOLE_PACKAGE = "(package)";

  private final CaseCollector cases;
  private final Map<String, StringBuilder> packages = new HashMap<>();
  private final Map<Test, StringBuilder> open = new LinkedHashMap<>();
  private final Set<Test> parents = new HashSet<>();
  private final Set<Test> told = new HashSet<>();
  private final Set<String> failedPackages = new HashSet<>();

  private record Test(String pack, String name) {
    /// The test that this one is a part of; itself where there is none.
    Test parent() {
      var slash = name.lastIndexOf('/');
      return slash < 0 ? this : new Test(pack, name.substring(0, slash));
    }
  }

  private GoTestJson(String file) {
    this.cases = new CaseCollector(file);
  }

  static TestReport read(String file, BoundedLines lines)
      throws IOException, UnreadableReportException {
    var reader = new GoTestJson(file);
    for (var line = lines.next(); line != null; line = lines.next()) {
      if (!line.isBlank()) {
        try {
          reader.event(Json.MAPPER.readTree(line), lines.number());
        } catch (JacksonException e) {
          throw new UnreadableReportException("it is no JSON there", lines.number());
        }
      }
    }
    return reader.cases.report();
  }

  private void event(JsonNode event, long line) throws UnreadableReportException {
    var pack = event.path("Package").asString(event.path("ImportPath").asString(""));
    var test = new Test(pack, event.path("Test").asString(""));
    var millis = Math.round(event.path("Elapsed").asDouble(0) * 1_000);
    switch (event.path("Action").asString("")) {
      case "run" -> begin(test, line);
      case "output", "build-output" -> output(test, event.path("Output").asString(""), line);
      case "pass", "bench" -> end(test, Verdict.PASSED, millis);
      case "skip" -> end(test, Verdict.SKIPPED, millis);
      case "fail", "build-fail" -> end(test, Verdict.FAILED, millis);
      default -> {}
    }
  }

  private void begin(Test test, long line) throws UnreadableReportException {
    requireFew(open.size() + parents.size(), line);
    open.put(test, new StringBuilder());
    for (var child = test; !child.parent().equals(child); child = child.parent()) {
      parents.add(child.parent());
    }
  }

  private void output(Test test, String text, long line) throws UnreadableReportException {
    requireFew(packages.size(), line);
    var kept =
        test.name.isEmpty()
            ? packages.computeIfAbsent(test.pack, _ -> new StringBuilder())
            : open.get(test);
    if (kept != null && kept.length() < CaseCollector.MAX_DETAIL_CHARS) {
      kept.append(text, 0, Math.min(text.length(), CaseCollector.MAX_DETAIL_CHARS));
    }
  }

  private static void requireFew(int many, long line) throws UnreadableReportException {
    if (many > MAX_OPEN) {
      throw new UnreadableReportException("more than " + MAX_OPEN + " tests run at once", line);
    }
  }

  private void end(Test test, Verdict verdict, long millis) throws UnreadableReportException {
    if (test.name.isEmpty()) {
      endPackage(test.pack, verdict, millis);
      return;
    }
    var output = open.remove(test);
    var summary = parents.remove(test);
    var childTold = told.remove(test);
    if (!summary || (verdict == Verdict.FAILED && !childTold)) {
      add(test, verdict, output == null ? "" : output.toString(), millis);
    }
    if (verdict == Verdict.FAILED && !test.parent().equals(test)) {
      told.add(test.parent());
    }
  }

  private void add(Test test, Verdict verdict, String output, long millis)
      throws UnreadableReportException {
    if (verdict == Verdict.FAILED) {
      failedPackages.add(test.pack);
    }
    cases.add(
        test.pack,
        test.name,
        verdict,
        verdict == Verdict.PASSED ? "" : said(output),
        output,
        millis);
  }

  private void endPackage(String pack, Verdict verdict, long millis)
      throws UnreadableReportException {
    var output = packages.remove(pack);
    for (var test : open.keySet().stream().filter(each -> each.pack.equals(pack)).toList()) {
      var text = open.remove(test);
      if (verdict == Verdict.FAILED && !parents.contains(test)) {
        cases.add(
            pack, test.name, verdict, "It did not end.", text == null ? "" : text.toString(), 0);
        failedPackages.add(pack);
      }
    }
    parents.removeIf(each -> each.pack.equals(pack));
    told.removeIf(each -> each.pack.equals(pack));
    if (verdict == Verdict.FAILED && failedPackages.add(pack)) {
      cases.add(pack, WHOLE_PACKAGE, verdict, "", output == null ? "" : output.toString(), millis);
    }
  }

  /// The first line that is the test's own and not the tool's.
  private static String said(String output) {
    return output
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("=== ") && !line.startsWith("--- "))
        .findFirst()
        .orElse("");
  }
}
