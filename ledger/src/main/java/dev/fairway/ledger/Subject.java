package dev.fairway.ledger;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// What a statement is about: a name and the digests that pin it.
///
/// @param name for people, such as a file's or a repository's name
/// @param digest algorithm to lower-case hexadecimal value, such as `sha256` or `gitCommit`; at
///   least one
public record Subject(String name, Map<String, String> digest) {
  public Subject {
    if (digest.isEmpty()) {
      throw new IllegalArgumentException("a subject has a digest: " + name);
    }
    digest = Collections.unmodifiableMap(new TreeMap<>(digest));
  }
}
