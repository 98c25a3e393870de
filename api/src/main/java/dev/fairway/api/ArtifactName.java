package dev.fairway.api;

import java.util.regex.Pattern;

/// What an artifact may be called: one plain segment of a path and of a URL, whatever the file
/// system or shell.
public final class ArtifactName {
  public static final int MAX_CHARS = 128;

  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N} ._()+@=,-]*");

  private ArtifactName() {}

  /// The name itself; refuses one that is none with [ErrorCode#INVALID_INPUT].
  public static String checked(String name) {
    if (name.length() > MAX_CHARS || !NAME.matcher(name).matches() || name.contains("..")) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "'" + name + "' cannot be the name of an artifact",
          "It takes up to "
              + MAX_CHARS
              + " letters, digits, spaces and ._()+@=,- and begins with a letter or digit.");
    }
    return name;
  }
}
