package dev.fairway.server.identity;

/// Where to go after signing in: a path of this server, whatever a link says.
final class LocalPath {
  private static final int MAX_CHARS = 2_000;

  private LocalPath() {}

  /// The path, or the start page where it leads elsewhere.
  static String of(String next) {
    var ours =
        next.startsWith("/")
            && !next.startsWith("//")
            && next.length() <= MAX_CHARS
            && next.chars().allMatch(c -> c > ' ' && c < 127 && c != '\\');
    return ours ? next : "/";
  }
}
