package dev.fairway.server.actions;

import java.time.Duration;

/// How much of everything this package takes and keeps.
final class ActionLimits {
  static final int MAX_SOURCES = 20;
  static final int MAX_PATTERNS = 200;
  static final int MAX_PATTERN_CHARS = 300;

  /// A tag is looked at again where it comes from, once it is used, after so long.
  static final Duration CHECK_PERIOD = Duration.ofMinutes(10);

  /// Such looks at a time.
  static final int MAX_CHECKS = 2;

  /// Bytes of archives that are kept; those that nobody used for longest go first.
  static final long MAX_KEPT_BYTES = 5L << 30;

  /// Bytes of a file of a repository that is read as a workflow.
  static final int MAX_FILE_BYTES = 1 << 20;

  private ActionLimits() {}
}
