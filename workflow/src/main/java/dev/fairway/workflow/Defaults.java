package dev.fairway.workflow;

import java.util.Optional;

/// `defaults.run`: what steps use that do not say otherwise.
public record Defaults(Optional<Template> shell, Optional<Template> workingDirectory) {
  static final Defaults NONE = new Defaults(Optional.empty(), Optional.empty());

  /// These, and where they say nothing, the wider ones.
  Defaults within(Defaults wider) {
    return new Defaults(shell.or(wider::shell), workingDirectory.or(wider::workingDirectory));
  }
}
