package dev.fairway.workflow;

import java.util.Arrays;
import java.util.Optional;

/// What runs the script of a step.
public enum Shell {
  BASH("bash"),
  SH("sh"),
  PYTHON("python");

  private final String word;

  Shell(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  public static Optional<Shell> named(String word) {
    return Arrays.stream(values()).filter(shell -> shell.word.equals(word)).findFirst();
  }
}
