package dev.fairway.server.run;

import java.util.UUID;

/// What of a run is executed again. Earlier attempts are kept.
sealed interface Again {
  /// Whether the new attempts write down more than usual.
  boolean debug();

  /// The word of evidence.
  default String word() {
    return switch (this) {
      case All _ -> "all";
      case Failed _ -> "failed";
      case One _ -> "job";
    };
  }

  /// Every job, of a run that has ended.
  record All(boolean debug) implements Again {}

  /// The jobs that did not succeed and those that need them, of a run that has ended.
  record Failed(boolean debug) implements Again {}

  /// One job that has ended and those that need it; others may still be running.
  ///
  /// @param job the attempt that counts now
  record One(UUID job, boolean debug) implements Again {}
}
