package dev.fairway.cli;

import dev.fairway.workflow.Diagnostic;
import java.util.List;

/// What `fairway check` found.
record CheckReport(List<String> files, List<Diagnostic> findings) {
  CheckReport {
    files = List.copyOf(files);
    findings = List.copyOf(findings);
  }

  long errors() {
    return findings.stream().filter(one -> one.severity() == Diagnostic.Severity.ERROR).count();
  }

  long warnings() {
    return findings.size() - errors();
  }

  String summary() {
    return count(files.size(), "workflow")
        + " checked, "
        + (errors() == 0 ? "no error" : count(errors(), "error"))
        + (warnings() == 0 ? "" : ", " + count(warnings(), "warning"));
  }

  private static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
