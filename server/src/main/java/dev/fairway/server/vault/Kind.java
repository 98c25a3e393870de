package dev.fairway.server.vault;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/// What is kept.
public enum Kind {
  /// Its value is never shown again.
  SECRET,
  /// Everybody who sees the project may read its value.
  VARIABLE;

  private static final Pattern NAME = Pattern.compile("[A-Z_][A-Z0-9_]*");
  private static final String RESERVED = "GITHUB_";

  /// The word for people and in evidence.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The name as it is kept: in capitals, because names are the same in whatever case.
  String checkedName(String given) {
    var name = given.toUpperCase(Locale.ROOT);
    if (!NAME.matcher(name).matches() || name.length() > VaultLimits.MAX_NAME_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + given + "' cannot be the name of a " + word(),
          "Use letters, digits and '_', no digit first, at most "
              + VaultLimits.MAX_NAME_CHARS
              + " characters.");
    }
    if (name.startsWith(RESERVED)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + given + "' cannot be the name of a " + word() + ": " + RESERVED + " is reserved",
          "Begin it with something else.");
    }
    return name;
  }

  /// Refuses a value that is too long or that a database cannot hold; the refusal has no part of
  /// it.
  void checkValue(String value) {
    var bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > VaultLimits.MAX_VALUE_BYTES) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE,
          "The value has " + bytes + " bytes; " + VaultLimits.MAX_VALUE_BYTES + " are allowed",
          "Keep a key here, and what it opens elsewhere.");
    }
    if (value.indexOf('\0') >= 0) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The value has a NUL character",
          "Environment variables cannot hold one: encode the value, as with base64.");
    }
    if (this == SECRET && value.isBlank()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The value is empty", "Remove the secret instead.");
    }
  }
}
