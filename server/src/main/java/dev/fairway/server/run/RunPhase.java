package dev.fairway.server.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How far a run has come; how it ended is its [dev.fairway.api.Outcome].
public enum RunPhase {
  /// No agent has begun one of its jobs yet.
  QUEUED(false),
  /// At least one job was begun, and at least one has not ended.
  RUNNING(false),
  /// Every job has ended; only a re-run changes it again.
  ENDED(true);

  private final boolean terminal;

  RunPhase(boolean terminal) {
    this.terminal = terminal;
  }

  public boolean terminal() {
    return terminal;
  }

  /// The word that page, CLI, API and database use.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static RunPhase ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
