package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects what is wrong with one file, up to [#MAX] errors and as many warnings, so that warnings
/// cannot crowd out an error.
final class Problems {
  static final int MAX = 100;

  private final String file;
  private final List<Diagnostic> found = new ArrayList<>();

  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void error(Position position, String message) {
    add(position, Diagnostic.Severity.ERROR, Rule.SYNTAX, message);
  }

  /// What the language lets stand and Fairway does not do: an error too, for nothing is ignored.
  void refuse(Position position, String message) {
    add(position, Diagnostic.Severity.ERROR, Rule.UNSUPPORTED, message);
  }

  void warning(Position position, Rule rule, String message) {
    add(position, Diagnostic.Severity.WARNING, rule, message);
  }

  private void add(Position position, Diagnostic.Severity severity, Rule rule, String message) {
    add(new Diagnostic(file, position.line(), position.column(), severity, rule, message));
  }

  /// A finding that may be about a file which this one calls. The same one counts once.
  void add(Diagnostic finding) {
    long same = found.stream().filter(one -> one.severity() == finding.severity()).count();
    if (same < MAX && !found.contains(finding)) {
      found.add(finding);
    }
  }

  int count() {
    return found.size();
  }

  boolean anyError() {
    return found.stream().anyMatch(problem -> problem.severity() == Diagnostic.Severity.ERROR);
  }

  /// In document order, those of called files last; findings at one place keep the order in which
  /// they were made.
  List<Diagnostic> inOrder() {
    return found.stream()
        .sorted(
            Comparator.comparing((Diagnostic one) -> one.file().equals(file) ? "" : one.file())
                .thenComparing(Diagnostic::position))
        .toList();
  }
}
