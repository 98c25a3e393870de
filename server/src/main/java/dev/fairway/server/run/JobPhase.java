package dev.fairway.server.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How far an attempt of a job has come; how it ended is its [dev.fairway.api.Outcome].
public enum JobPhase {
  /// It needs other jobs that have not ended, or its turn under `max-parallel`.
  WAITING(false),
  /// An agent with its labels may claim it.
  QUEUED(false),
  /// An agent was given it and has not confirmed it; nothing has run.
  CLAIMED(false),
  /// An agent runs it and keeps its lease alive.
  RUNNING(false),
  /// It has its outcome; nothing changes it any more.
  ENDED(true);

  private final boolean terminal;

  JobPhase(boolean terminal) {
    this.terminal = terminal;
  }

  public boolean terminal() {
    return terminal;
  }

  /// Whether an agent holds a lease on it.
  public boolean leased() {
    return switch (this) {
      case CLAIMED, RUNNING -> true;
      case WAITING, QUEUED, ENDED -> false;
    };
  }

  /// The word that page, CLI, API and database use.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static JobPhase ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
