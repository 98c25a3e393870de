package dev.fairway.workflow;

import java.util.List;

/// What [ActionParser#parse] made of an `action.yml`.
public sealed interface ActionFile {

  /// The action may run; warnings, in document order, do not stop it.
  record Valid(ActionDefinition action, List<Diagnostic> warnings) implements ActionFile {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /// The action may not run: everything found, in document order, with at least one error.
  record Invalid(List<Diagnostic> diagnostics) implements ActionFile {
    public Invalid {
      diagnostics = List.copyOf(diagnostics);
      if (diagnostics.isEmpty()) {
        throw new IllegalArgumentException("an invalid action needs a diagnostic");
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
