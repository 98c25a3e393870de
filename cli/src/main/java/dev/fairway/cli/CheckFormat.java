package dev.fairway.cli;

import dev.fairway.workflow.Diagnostic;
import dev.fairway.workflow.Rule;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How `fairway check` prints what it found.
enum CheckFormat {
  /// A line per finding, and one that counts.
  TEXT {
    @Override
    void print(CheckReport report, PrintWriter out) {
      report.findings().forEach(out::println);
      out.println(report.summary());
    }
  },
  /// For programs that know this one.
  JSON {
    @Override
    void print(CheckReport report, PrintWriter out) {
      out.println(
          Output.json(
              Map.of(
                  "files",
                  report.files(),
                  "valid",
                  report.errors() == 0,
                  "diagnostics",
                  report.findings().stream().map(CheckFormat::json).toList())));
    }
  },
  /// SARIF 2.1.0 (OASIS), which code hosts and editors read.
  SARIF {
    @Override
    void print(CheckReport report, PrintWriter out) {
      out.println(Output.json(sarif(report)));
    }
  },
  /// Workflow commands, which become annotations of the run that prints them.
  GITHUB {
    @Override
    void print(CheckReport report, PrintWriter out) {
      report.findings().forEach(finding -> out.println(command(finding)));
      out.println(report.summary());
    }
  };

  abstract void print(CheckReport report, PrintWriter out);

  private static Map<String, Object> json(Diagnostic found) {
    return Map.of(
        "file",
        found.file(),
        "line",
        found.line(),
        "column",
        found.column(),
        "severity",
        level(found),
        "rule",
        found.rule().id(),
        "message",
        found.message());
  }

  private static Map<String, Object> sarif(CheckReport report) {
    var rules = new ArrayList<Map<String, Object>>();
    Arrays.stream(Rule.values())
        .forEach(
            rule -> rules.add(Map.of("id", rule.id(), "shortDescription", text(rule.meaning()))));
    return Map.of(
        "$schema",
        "https://json.schemastore.org/sarif-2.1.0.json",
        "version",
        "2.1.0",
        "runs",
        List.of(
            Map.of(
                "tool",
                Map.of(
                    "driver", Map.of("name", "fairway", "version", Version.text(), "rules", rules)),
                // As the parser counts them.
                "columnKind",
                "unicodeCodePoints",
                "results",
                report.findings().stream().map(CheckFormat::result).toList())));
  }

  private static Map<String, Object> result(Diagnostic found) {
    return Map.of(
        "ruleId",
        found.rule().id(),
        "ruleIndex",
        found.rule().ordinal(),
        "level",
        level(found),
        "message",
        text(found.message()),
        "locations",
        List.of(
            Map.of(
                "physicalLocation",
                Map.of(
                    "artifactLocation",
                    Map.of("uri", uri(found.file())),
                    "region",
                    Map.of("startLine", found.line(), "startColumn", found.column())))));
  }

  private static Map<String, Object> text(String text) {
    return Map.of("text", text);
  }

  /// A relative file stays relative: to the root of what was checked.
  private static String uri(String file) {
    return file.replace("%", "%25").replace(" ", "%20").replace("#", "%23").replace("?", "%3F");
  }

  private static String command(Diagnostic found) {
    return "::%s file=%s,line=%d,col=%d,title=%s::%s"
        .formatted(
            level(found),
            property(found.file()),
            found.line(),
            found.column(),
            found.rule().id(),
            data(found.message()));
  }

  private static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }

  private static String level(Diagnostic found) {
    return found.severity().name().toLowerCase(Locale.ROOT);
  }
}
