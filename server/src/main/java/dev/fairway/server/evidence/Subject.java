package dev.fairway.server.evidence;

/// What a statement is about, by digest.
///
/// @param name for people, such as `payments.jar` or `payments@9f3c1ab`
/// @param algorithm `sha256`, `gitCommit`
/// @param digest lower-case hexadecimal
public record Subject(String name, String algorithm, String digest) {
  public static Subject commit(String project, String sha) {
    return new Subject(project, "gitCommit", sha);
  }

  public static Subject sha256(String name, String digest) {
    return new Subject(name, "sha256", digest);
  }
}
