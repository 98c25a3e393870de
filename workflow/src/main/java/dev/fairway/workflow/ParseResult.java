package dev.fairway.workflow;

import java.util.List;
import java.util.Optional;

/// What [WorkflowParser#parse] made of a file.
public sealed interface ParseResult {

  /// The file may run; warnings, in document order, do not stop it.
  record Valid(Workflow workflow, List<Diagnostic> warnings) implements ParseResult {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /// The file may not run: everything found, in document order, with at least one error.
  ///
  /// @param readable as much of it as could be read, to look for more; never to run
  record Invalid(List<Diagnostic> diagnostics, Optional<Workflow> readable) implements ParseResult {
    public Invalid(List<Diagnostic> diagnostics) {
      this(diagnostics, Optional.empty());
    }

    public Invalid {
      diagnostics = List.copyOf(diagnostics);
      if (diagnostics.isEmpty()) {
        throw new IllegalArgumentException("an invalid workflow needs a diagnostic");
      }
    }
  }

  default List<Diagnostic> diagnostics() {
    return switch (this) {
      case Valid valid -> valid.warnings();
      case Invalid invalid -> invalid.diagnostics();
    };
  }
}
