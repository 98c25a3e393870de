package dev.fairway.server.http;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// What a person is trusted with. Roles add up; none contains another.
public enum Role {
  /// Sees everything that is not about people.
  VIEWER,
  /// Changes software: projects, pushes, runs, promotions.
  DEVELOPER,
  /// Says yes or no to what goes to protected environments.
  APPROVER,
  /// Keeps production healthy: rolls back, cancels, re-runs.
  OPERATOR,
  /// Reads the evidence and who did what, and changes nothing.
  AUDITOR,
  /// Decides who may do what, and what protects each environment.
  ADMINISTRATOR;

  /// The word that page, CLI and API use.
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @JsonCreator
  public static Role ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
