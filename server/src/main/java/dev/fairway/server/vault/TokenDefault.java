package dev.fairway.server.vault;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What the token of a job may do where its workflow says nothing.
public enum TokenDefault {
  /// Read what it builds: `contents` and `packages`.
  READ,
  /// Everything that a workflow can ask for, as `permissions: write-all`.
  WRITE;

  /// The word of page, API, database and evidence.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<TokenDefault> ofWord(String word) {
    return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
  }
}
