package dev.fairway.api;

import java.util.regex.Pattern;

/// An action's repository at the commit that a job uses.
///
/// @param reference `owner/name@ref`, as asked for
/// @param repository `owner/name`
/// @param sha the commit, 40 hexadecimal digits in lower case
public record ResolvedAction(String reference, String repository, String sha) {
  private static final Pattern REPOSITORY =
      Pattern.compile("[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}");
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");

  public ResolvedAction {
    if (!REPOSITORY.matcher(repository).matches() || ("/" + repository + "/").contains("/../")) {
      throw new IllegalArgumentException("`" + repository + "` is not owner/name");
    }
    if (!SHA.matcher(sha).matches()) {
      throw new IllegalArgumentException("`" + sha + "` is not a commit");
    }
  }
}
