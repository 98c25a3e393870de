package dev.fairway.workflow;

import java.util.List;

/// Parses workflows that tests write as text blocks.
final class Workflows {
  static final String FILE = "ci.yml";

  private Workflows() {}

  static Workflow valid(String text) {
    return switch (WorkflowParser.parse(FILE, text)) {
      case ParseResult.Valid valid -> valid.workflow();
      case ParseResult.Invalid invalid ->
          throw new AssertionError("expected a valid workflow, but: " + invalid.diagnostics());
    };
  }

  /// Every finding as people see it.
  static List<String> findings(String text) {
    return WorkflowParser.parse(FILE, text).diagnostics().stream()
        .map(Diagnostic::toString)
        .toList();
  }

  /// A workflow with one job whose lines, from line 4, are these.
  static String job(String lines) {
    return """
    on: push
    jobs:
      build:
    """
        + lines.indent(4);
  }
}
