package dev.fairway.agent;

import java.util.Locale;

/// Which submodules a checkout brings along.
enum Submodules {
  /// None: their folders are empty.
  NONE("false", 0),
  /// Those of the repository.
  DIRECT("true", 1),
  /// Those of the submodules too.
  RECURSIVE("recursive", 100);

  private final String word;
  private final int levels;

  Submodules(String word, int levels) {
    this.word = word;
    this.levels = levels;
  }

  /// How many levels of them are below the repository, at most.
  int levels() {
    return levels;
  }

  static Submodules of(ActionInputs inputs) {
    var asked = inputs.text("submodules", NONE.word).toLowerCase(Locale.ROOT);
    for (var one : values()) {
      if (one.word.equals(asked)) {
        return one;
      }
    }
    throw inputs.refused("submodules", "must be true, recursive or false");
  }
}
