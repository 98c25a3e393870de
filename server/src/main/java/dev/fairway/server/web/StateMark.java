package dev.fairway.server.web;

import dev.fairway.api.Outcome;

/// How a state looks on every page: a shape, and a word beside it. Never a colour alone.
public enum StateMark {
  /// A tick: it ended as it should.
  OK("ok", "success"),
  /// A cross: it ended as it should not.
  BAD("bad", "failure"),
  /// A triangle: it is under way.
  RUN("run", "running"),
  /// Two bars: it waits for somebody or something.
  WAIT("wait", "waiting"),
  /// A dash: it has not begun, or will not.
  OFF("off", "not started");

  private final String shape;
  private final String word;

  StateMark(String shape, String word) {
    this.shape = shape;
    this.word = word;
  }

  /// The class in the style sheet and, after `i-`, the id of the symbol.
  public String shape() {
    return shape;
  }

  /// The word where the feature has no better one.
  public String word() {
    return word;
  }

  public static StateMark of(Outcome outcome) {
    return switch (outcome) {
      case SUCCESS -> OK;
      case FAILURE, ERROR, TIMED_OUT -> BAD;
      case CANCELLED, SKIPPED -> OFF;
    };
  }
}
