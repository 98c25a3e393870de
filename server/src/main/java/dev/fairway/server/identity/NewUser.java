package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Role;
import java.util.Set;
import java.util.regex.Pattern;

/// Somebody who comes.
///
/// @param name `a` to `z`, digits, `.`, `_`, `-`; at most 39 characters, the first a letter
public record NewUser(String name, String fullName, String email, Set<Role> roles) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9._-]{0,38}");
  private static final Pattern EMAIL = Pattern.compile("[^@\\s]{1,64}@[^@\\s]{1,190}");
  private static final int MAX_FULL_NAME_CHARS = 100;

  /// Names that mean something else where a name is asked for: git's user of a job, the system.
  private static final Set<String> RESERVED = Set.of("job", "fairway", "system", "nobody");

  public NewUser {
    fullName = fullName.strip();
    email = email.strip();
    roles = Set.copyOf(roles);
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + name + "' cannot be a user's name",
          "Use lower-case letters, digits, '.', '_' and '-', beginning with a letter.");
    }
    if (fullName.isEmpty()
        || fullName.length() > MAX_FULL_NAME_CHARS
        || fullName.chars().anyMatch(Character::isISOControl)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The full name of " + name + " is empty or longer than " + MAX_FULL_NAME_CHARS,
          "Give the name as it should be printed on approvals.");
    }
    if (!EMAIL.matcher(email).matches()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + email + "' is not an e-mail address",
          "Give the one that the person's commits carry.");
    }
  }
}
