package dev.fairway.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How a run, a job, a step or a deployment ended.
public enum Outcome {
  /// Everything did what it should.
  SUCCESS,
  /// The user's command said no.
  FAILURE,
  /// Fairway or the machine failed; the change is not to blame.
  ERROR,
  /// Somebody stopped it.
  CANCELLED,
  /// A condition said that it need not happen.
  SKIPPED,
  /// It took longer than it was allowed to.
  TIMED_OUT;

  /// The word that page, CLI and API use, such as `timed_out`.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static Outcome ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
